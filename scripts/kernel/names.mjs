// @ts-check
/** Which names of a file are bound where: TypeScript's own binder tells, without checking types. */
import { ts } from "./typescript.mjs";

/** @typedef {import("@tslab/typescript-for-tslab").Node} Node */
/** @typedef {import("@tslab/typescript-for-tslab").Identifier} Identifier */
/** @typedef {import("@tslab/typescript-for-tslab").SourceFile} SourceFile */

/**
 * Parses JavaScript and binds its names.
 * @param {string} text
 * @returns {SourceFile}
 */
export function parseAndBind(text) {
  const file = ts.createSourceFile("cell.js", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @type {any} */ (ts).bindSourceFile(file, { target: ts.ScriptTarget.Latest, allowJs: true });
  return file;
}

/**
 * The node in a file that binds what an identifier says; `undefined` for a global.
 * @param {Identifier} identifier
 * @returns {Node | undefined}
 */
export function scopeOf(identifier) {
  /** @type {Node | undefined} */
  let node = identifier.parent;
  for (; node !== undefined; node = node.parent) {
    if (localsOf(node)?.has(identifier.escapedText)) return node;
    // A class, and a function in an expression, know themselves.
    if (
      (ts.isClassLike(node) || ts.isFunctionExpression(node)) &&
      node.name?.text === identifier.text
    ) {
      return node;
    }
  }
  return undefined;
}

/**
 * @param {Node} node
 * @returns {Map<unknown, { declarations?: Node[] }> | undefined}
 */
export function localsOf(node) {
  return /** @type {any} */ (node).locals;
}

/**
 * Whether an identifier stands for a variable, and isn't where one is declared, nor a property's name or a label.
 * @param {Identifier} identifier
 */
export function isReference(identifier) {
  const parent = /** @type {any} */ (identifier.parent);
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return ![parent.name, parent.propertyName, parent.label].includes(identifier);
}

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
