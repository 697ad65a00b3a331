// @ts-check
/** Which names of a file are bound where: TypeScript's own binder tells, without checking types. */
import path from "node:path";
import { ts } from "./compiler.mjs";

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
 * @param {string} name Another name, as it would be bound there.
 * @returns {Node | undefined}
 */
export function scopeOf(identifier, name = identifier.text) {
  /** @type {Node | undefined} */
  let node = identifier.parent;
  /** @type {Node} */
  let inner = identifier;
  for (; node !== undefined; inner = node, node = node.parent) {
    const local = localsOf(node)?.get(ts.escapeLeadingUnderscores(name));
    if (local && isValue(local) && !(ts.isParameter(inner) && isInBody(local, node))) return node;
    // A class, and a function in an expression, know themselves.
    if ((ts.isClassLike(node) || ts.isFunctionExpression(node)) && node.name?.text === name) {
      return node;
    }
  }
  return undefined;
}

/**
 * Whether a name isn't one of the types alone that comments declare, such as `@typedef`.
 * @param {any} local
 */
function isValue(local) {
  // In JavaScript a name out of `require` is an alias.
  return (local.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.Alias)) !== 0;
}

/**
 * Whether a name is declared in the body of a function alone, where parameters don't see it.
 * @param {{ declarations?: Node[] }} local
 * @param {Node} node
 */
function isInBody({ declarations }, node) {
  const { body } = /** @type {any} */ (node);
  return declarations?.every((each) => body && each.pos >= body.pos && each.end <= body.end);
}

/**
 * @param {Node} node
 * @returns {Map<unknown, { flags: number, declarations?: Node[] }> | undefined}
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
 * Whether a file is the cell that tslab compiles.
 * @param {{ fileName: string } | undefined} source
 */
export function isCell(source) {
  return source !== undefined && /^__tslab__\.[jt]s$/.test(path.basename(source.fileName));
}

/**
 * Whether a node is an assignment that gives its name to a function without one.
 * @param {Node} node
 * @returns {node is import("@tslab/typescript-for-tslab").BinaryExpression & { left: import("@tslab/typescript-for-tslab").Identifier }}
 */
export function isNaming(node) {
  if (!ts.isBinaryExpression(node) || !ts.isIdentifier(node.left)) return false;
  const { kind } = node.operatorToken;
  return (
    kind === ts.SyntaxKind.EqualsToken ||
    kind === ts.SyntaxKind.QuestionQuestionEqualsToken ||
    kind === ts.SyntaxKind.BarBarEqualsToken ||
    kind === ts.SyntaxKind.AmpersandAmpersandEqualsToken
  );
}

/** @param {Node} node */
export function isCallee(node) {
  const { parent } = node;
  if (ts.isCallExpression(parent)) return parent.expression === node;
  return ts.isTaggedTemplateExpression(parent) && parent.tag === node;
}

/**
 * @param {import("@tslab/typescript-for-tslab").BindingName} name
 * @returns {import("@tslab/typescript-for-tslab").Identifier[]}
 */
export function namesIn(name) {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : namesIn(element.name),
  );
}
