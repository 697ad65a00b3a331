// @ts-check
/** A cell as it was typed, made ready for tslab, which refuses some of what JavaScript's modules and newer versions know. */
import { ts } from "./compiler.mjs";
import { apply } from "./edits.mjs";

/** @typedef {import("@tslab/typescript-for-tslab").Node} Node */

/** What can't be run, and where: as TypeScript's own diagnostics have it. */
export class Refusal extends Error {
  /**
   * @param {import("@tslab/typescript-for-tslab").SourceFile} file
   * @param {Node} node
   * @param {string} message
   */
  constructor(file, node, message) {
    super(message);
    this.start = file.getLineAndCharacterOfPosition(node.getStart(file));
  }
}

/**
 * A cell without `export`: its variables are there for all cells anyway. What stays is where it was.
 * @param {string} source
 * @returns {string}
 * @throws {Refusal} For what a cell can't have.
 */
export function plainSource(source) {
  if (!/\b(?:export|using)\b/.test(source)) return source;
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.Latest, true);
  refuseUsing(file, file);
  /** @type {{ start: number, end: number, text: string }[]} */
  const edits = [];
  const change = (/** @type {number} */ start, /** @type {number} */ end, added = "") => {
    const blank = source.slice(start, end).replace(/[^\n]/g, " ");
    edits.push({ start, end, text: added + blank.slice(added.length) });
  };
  for (const statement of file.statements) {
    const start = statement.getStart(file);
    if (ts.isExportDeclaration(statement)) {
      if (statement.moduleSpecifier) {
        throw new Refusal(
          file,
          statement,
          "A cell exports nothing: write `import` instead of `export … from`.",
        );
      }
      const renamed =
        statement.exportClause && ts.isNamedExports(statement.exportClause)
          ? statement.exportClause.elements.find(({ propertyName }) => propertyName)
          : undefined;
      if (renamed) {
        throw new Refusal(
          file,
          renamed,
          `A cell exports nothing: write \`const ${renamed.name.text} = …\`.`,
        );
      }
      change(start, statement.end);
    } else if (ts.isExportAssignment(statement)) {
      change(start, statement.expression.getStart(file));
    } else if (ts.canHaveModifiers(statement)) {
      const modifiers = ts.getModifiers(statement) ?? [];
      const isDefault = modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
      const isNameless = isDefault && !(/** @type {any} */ (statement).name);
      for (const { kind, ...modifier } of modifiers) {
        if (kind === ts.SyntaxKind.ExportKeyword)
          change(modifier.end - "export".length, modifier.end, isNameless ? "(" : "");
        if (kind === ts.SyntaxKind.DefaultKeyword)
          change(modifier.end - "default".length, modifier.end);
      }
      if (isNameless) change(statement.end, statement.end, ")");
    }
  }
  return apply(source, edits).text;
}

/**
 * Refuses `using` and `await using`, which the TypeScript of cells doesn't know yet.
 * @param {import("@tslab/typescript-for-tslab").SourceFile} file
 * @param {Node} node
 */
function refuseUsing(file, node) {
  ts.forEachChild(node, (child) => refuseUsing(file, child));
  if (!ts.isExpressionStatement(node)) return;
  const { expression } = node;
  const word = ts.isAwaitExpression(expression) ? expression.expression : expression;
  if (!ts.isIdentifier(word) || word.text !== "using") return;
  // A declaration's name follows on the same line: for TypeScript 5.0 a statement of its own.
  if (!/^[ \t]+[\p{ID_Start}$_]/u.test(file.text.slice(word.end))) return;
  const hint = "write `const`, and dispose in `finally`";
  throw new Refusal(
    file,
    node,
    `Cells have TypeScript 5.0, which doesn't know \`using\`: ${hint}.`,
  );
}
