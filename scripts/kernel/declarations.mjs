// @ts-check
/** What cells have declared, as TypeScript. */
import { ts } from "./compiler.mjs";

/** @typedef {import("@tslab/typescript-for-tslab").Node} Node */

/**
 * The names of values that a file of declarations declares.
 * @param {string} declarations
 * @returns {Set<string>}
 */
export function namesOfValues(declarations) {
  const file = ts.createSourceFile("earlier.d.ts", declarations, ts.ScriptTarget.Latest);
  /** @type {Set<string>} */
  const names = new Set();
  const add = (/** @type {{ name?: Node } | undefined} */ declaration) => {
    if (declaration?.name && ts.isIdentifier(declaration.name)) names.add(declaration.name.text);
  };
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) statement.declarationList.declarations.forEach(add);
    else if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;
      add(statement.importClause);
      if (bindings && ts.isNamedImports(bindings)) bindings.elements.forEach(add);
      else add(bindings);
    } else if (!ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement)) {
      add(/** @type {any} */ (statement));
    }
  }
  return names;
}

/**
 * Declarations with those namespaces of before that tslab has left out: it keeps them for one cell only.
 * @param {string} declarations
 * @param {string} before
 */
export function keepNamespaces(declarations, before) {
  if (!/\b(?:namespace|module|global)\b/.test(before)) return declarations;
  const types = parse(declarations).statements.map((each) => /** @type {any} */ (each).name?.text);
  const names = new Set([...types, ...namesOfValues(declarations)]);
  const kept = parse(before).statements.filter(
    (each) => ts.isModuleDeclaration(each) && (isGlobal(each) || !names.has(each.name.text)),
  );
  const texts = kept.map((each) => each.getFullText().trim());
  return [declarations, ...texts.filter((text) => !declarations.includes(text))].join("\n");
}

/** @param {import("@tslab/typescript-for-tslab").ModuleDeclaration} declaration */
function isGlobal({ flags }) {
  return (flags & ts.NodeFlags.GlobalAugmentation) !== 0;
}

/** @param {string} declarations */
function parse(declarations) {
  return ts.createSourceFile("earlier.d.ts", declarations, ts.ScriptTarget.Latest, true);
}
