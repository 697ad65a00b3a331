// @ts-check
/** What TypeScript adds to a cell when it makes CommonJS of it. */
import { ts } from "./compiler.mjs";
import { localsOf } from "./names.mjs";

/** @typedef {import("@tslab/typescript-for-tslab").Node} Node */

/**
 * Whether a statement is a function that TypeScript has added, such as `__importStar`; a cell's own names are exported.
 * @param {Node} statement
 */
export function isHelper(statement) {
  return /^var __(\w+) = \(this && this\.__\1\) \|\| /.test(statement.getText());
}

/**
 * `Object.defineProperty(exports, …)`, if that is the statement.
 * @param {Node} statement
 */
export function definitionIn(statement) {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression))
    return undefined;
  const { expression, arguments: args } = statement.expression;
  if (expression.getText() !== "Object.defineProperty") return undefined;
  return args[0]?.getText() === "exports" ? statement.expression : undefined;
}

/**
 * `name` for `exports.name`.
 * @param {Node} node
 */
export function exportedName(node) {
  const isExport = ts.isPropertyAccessExpression(node) && node.expression.getText() === "exports";
  return isExport ? node.name.text : undefined;
}

/**
 * Whether an expression is `exports.a = exports.b = void 0`.
 * @param {Node} node
 * @returns {boolean}
 */
export function isVoid(node) {
  if (!ts.isBinaryExpression(node)) return ts.isVoidExpression(node);
  return exportedName(node.left) !== undefined && isVoid(node.right);
}

/**
 * The names in `exports.a = exports.b = void 0`.
 * @param {Node} node
 * @returns {string[]}
 */
export function namesOfVoid(node) {
  if (!ts.isBinaryExpression(node)) return [];
  return [exportedName(node.left) ?? "", ...namesOfVoid(node.right)];
}

/**
 * Names out of a cell's imports, by what TypeScript writes for them: `m_1.a` of
 * `Object.defineProperty(exports, "a", { enumerable: true, get: function () { return m_1.a; } })`, or of
 * `exports.a = m_1.default`.
 * @param {import("@tslab/typescript-for-tslab").SourceFile} file
 * @returns {Map<string, string>}
 */
export function importsOf(file) {
  /** @type {Map<string, string>} */
  const imports = new Map();
  for (const statement of file.statements) {
    const text = statement.getText();
    const [, name = "", place = ""] = GETTER.exec(text) ?? DEFAULT.exec(text) ?? [];
    if (name !== "") imports.set(place, name);
  }
  return imports;
}

/**
 * Whether a statement is `exports.a = m_1.default`, of an import.
 * @param {Node} statement
 */
export function isDefaultImport(statement) {
  return DEFAULT.test(statement.getText());
}

const GETTER = /^Object\.defineProperty\(exports, "(\S+)", \{ .* return (\S+); \} \}\);$/;
const DEFAULT = /^exports\.(\S+) = (\S+_\d+\.default);$/;

/**
 * A cell's own variables, functions and classes: what TypeScript copies to `exports`.
 * @param {import("@tslab/typescript-for-tslab").SourceFile} file
 */
export function ownNamesOf(file) {
  /** @type {Set<string>} */
  const own = new Set();
  const visit = (/** @type {Node} */ node) => {
    const name = ts.isBinaryExpression(node) ? exportedName(node.left) : undefined;
    const symbol = name && localsOf(file)?.get(ts.escapeLeadingUnderscores(name));
    if (name && symbol) own.add(name);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return own;
}
