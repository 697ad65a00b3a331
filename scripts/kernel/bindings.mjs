// @ts-check
/**
 * One binding for each variable of a notebook: a property of the object `exports` that all cells share.
 *
 * A cell comes as CommonJS, in which its own variables are local and copied to `exports` when they are assigned, and in
 * which variables of earlier cells are free names. Here both become `exports.name`, wherever they are read, written or
 * declared; so a function of an earlier cell sees what a later one assigns.
 */
import { isReference, localsOf, parseAndBind, scopeOf } from "./names.mjs";
import { ts } from "./typescript.mjs";

/** @typedef {import("./names.mjs").Node} Node */

/**
 * Rewrites a cell; lines stay where they are.
 * @param {string} text What TypeScript has made of the cell.
 * @param {(name: string) => boolean} isEarlier Whether a free name is a variable of an earlier cell.
 */
export function bindVariables(text, isEarlier) {
  return new Cell(text, isEarlier).rewrite();
}

class Cell {
  /**
   * @param {string} text
   * @param {(name: string) => boolean} isEarlier
   */
  constructor(text, isEarlier) {
    this.text = text;
    this.isEarlier = isEarlier;
    this.file = parseAndBind(text);
    /** @type {{ start: number, end: number, text: string }[]} */
    this.edits = [];
    this.own = this.ownNames();
  }

  rewrite() {
    for (const statement of this.file.statements) {
      if (!this.isBookkeeping(statement)) this.visit(statement);
    }
    let result = "";
    let end = 0;
    // Of edits at one place the first made stays first.
    for (const edit of this.edits.sort((a, b) => a.start - b.start)) {
      result += this.text.slice(end, edit.start) + edit.text;
      end = edit.end;
    }
    return result + this.text.slice(end);
  }

  /** The cell's own variables, functions and classes: what TypeScript copies to `exports`. */
  ownNames() {
    /** @type {Set<string>} */
    const own = new Set();
    const visit = (/** @type {Node} */ node) => {
      const name = ts.isBinaryExpression(node) ? exportedName(node.left) : undefined;
      const symbol = name && localsOf(this.file)?.get(ts.escapeLeadingUnderscores(name));
      if (name && symbol) own.add(name);
      ts.forEachChild(node, visit);
    };
    visit(this.file);
    return own;
  }

  /**
   * Settles a statement that TypeScript has added; false for the user's own.
   * @param {Node} statement
   */
  isBookkeeping(statement) {
    if (!ts.isExpressionStatement(statement)) return false;
    const { expression } = statement;
    if (ts.isCallExpression(expression)) {
      const [target, name] = expression.arguments;
      if (expression.expression.getText() !== "Object.defineProperty") return false;
      if (target?.getText() !== "exports" || name === undefined) return false;
      // An import stays an import: read anew each time. Later cells may give its name to something else.
      if (name.getText() === '"__esModule"') this.replace(expression, "void 0");
      else this.edit(expression.getStart(), name.getStart(), "__cell.alias(");
      return true;
    }
    if (!ts.isBinaryExpression(expression)) return false;
    if (isVoid(expression)) {
      // A variable keeps its value until the cell gives it another; a function is there from the start.
      const functions = namesOfVoid(expression).filter((name) => this.isFunction(name));
      const hoisted = functions.map((name) => `exports.${name} = ${name}`);
      this.replace(expression, hoisted.join(", ") || "void 0");
      return true;
    }
    const name = exportedName(expression.left);
    // A function or class is declared as it is, and then exported.
    return name !== undefined && expression.right.getText() === name && this.isDeclared(name);
  }

  /** @param {string} name */
  isDeclared(name) {
    const declaration = this.declarationOf(name);
    return (
      declaration !== undefined && (this.isFunction(name) || ts.isClassDeclaration(declaration))
    );
  }

  /** @param {string} name */
  isFunction(name) {
    const declaration = this.declarationOf(name);
    return declaration !== undefined && ts.isFunctionDeclaration(declaration);
  }

  /** @param {string} name */
  declarationOf(name) {
    return localsOf(this.file)?.get(ts.escapeLeadingUnderscores(name))?.declarations?.[0];
  }

  /** @param {Node} node */
  visit(node) {
    if (ts.isVariableDeclarationList(node) && this.declaresOwn(node)) this.declare(node);
    else if (ts.isIdentifier(node)) this.refer(node);
    else if (isNaming(node) && this.isShared(node.left)) {
      this.refer(node.left);
      this.nameAfter(node.left.text, node.right);
    } else ts.forEachChild(node, (child) => this.visit(child));
  }

  /** @param {import("@tslab/typescript-for-tslab").VariableDeclarationList} list */
  declaresOwn(list) {
    return list.declarations.some((each) => namesIn(each.name).some((name) => this.isOwn(name)));
  }

  /** @param {import("@tslab/typescript-for-tslab").Identifier} identifier */
  isOwn(identifier) {
    return this.own.has(identifier.text) && scopeOf(identifier) === this.file;
  }

  /** @param {import("@tslab/typescript-for-tslab").Identifier} identifier */
  isShared(identifier) {
    const scope = scopeOf(identifier);
    return scope === undefined ? this.isEarlier(identifier.text) : this.isOwn(identifier);
  }

  /** @param {import("@tslab/typescript-for-tslab").Identifier} identifier */
  refer(identifier) {
    if (!isReference(identifier) || identifier.text === "exports") return;
    if (!this.isShared(identifier)) return;
    // An inner variable may be called `exports`, too.
    const isHidden = scopeOf(identifier, "exports") !== undefined;
    const place = `${isHidden ? "__cell.locals" : "exports"}.${identifier.text}`;
    const { parent } = identifier;
    if (ts.isShorthandPropertyAssignment(parent)) {
      this.replace(identifier, `${identifier.text}: ${place}`);
    } else if (isCallee(identifier)) {
      this.replace(identifier, `(0, ${place})`); // without `exports` as `this`
    } else {
      this.replace(identifier, place);
    }
  }

  /**
   * Makes assignments of declarations.
   * @param {import("@tslab/typescript-for-tslab").VariableDeclarationList} list
   */
  declare(list) {
    const [first] = list.declarations;
    if (first === undefined) return;
    this.edit(list.getStart(), first.getStart(), "");
    const { parent } = list;
    const isLoopVariable = ts.isForInStatement(parent) || ts.isForOfStatement(parent);
    // A `var` without a value in a block or loop leaves the value as it is.
    const isNested = ts.isVariableStatement(parent) && parent.parent !== this.file;
    for (const { name, initializer } of list.declarations) {
      if (!ts.isIdentifier(name)) {
        if (initializer) this.edit(name.getStart(), name.getStart(), "(");
        this.assignPattern(name);
        if (initializer) {
          this.visit(initializer);
          this.edit(initializer.end, initializer.end, ")");
        }
      } else if (initializer) {
        this.replace(name, `exports.${name.text}`);
        this.nameAfter(name.text, initializer);
      } else if (isNested) {
        this.replace(name, "void 0");
      } else {
        this.replace(name, `exports.${name.text}${isLoopVariable ? "" : " = void 0"}`);
      }
    }
  }

  /**
   * A function without a name takes that of the variable it is declared with, which a property would not give it.
   * @param {string} name
   * @param {import("@tslab/typescript-for-tslab").Expression} value
   */
  nameAfter(name, value) {
    const inner = ts.isParenthesizedExpression(value) ? value.expression : value;
    const isNameless =
      ts.isArrowFunction(inner) ||
      ((ts.isFunctionExpression(inner) || ts.isClassExpression(inner)) && !inner.name);
    if (isNameless) this.edit(value.getStart(), value.getStart(), `({ ${name}: `);
    this.visit(value);
    if (isNameless) this.edit(value.end, value.end, ` }).${name}`);
  }

  /** @param {import("@tslab/typescript-for-tslab").BindingPattern} pattern */
  assignPattern(pattern) {
    for (const element of pattern.elements) {
      if (ts.isOmittedExpression(element)) continue;
      const { propertyName, name, initializer, dotDotDotToken } = element;
      if (propertyName && ts.isComputedPropertyName(propertyName)) this.visit(propertyName);
      if (!ts.isIdentifier(name)) {
        this.assignPattern(name);
      } else {
        const isShorthand = ts.isObjectBindingPattern(pattern) && !propertyName && !dotDotDotToken;
        this.replace(name, `${isShorthand ? `${name.text}: ` : ""}exports.${name.text}`);
      }
      if (initializer && ts.isIdentifier(name)) this.nameAfter(name.text, initializer);
      else if (initializer) this.visit(initializer);
    }
  }

  /**
   * @param {Node} node
   * @param {string} text
   */
  replace(node, text) {
    this.edit(node.getStart(), node.end, text);
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {string} text
   */
  edit(start, end, text) {
    this.edits.push({ start, end, text });
  }
}

/**
 * `name` for `exports.name`.
 * @param {Node} node
 */
function exportedName(node) {
  const isExport = ts.isPropertyAccessExpression(node) && node.expression.getText() === "exports";
  return isExport ? node.name.text : undefined;
}

/**
 * Whether an expression is `exports.a = exports.b = void 0`.
 * @param {Node} node
 * @returns {boolean}
 */
function isVoid(node) {
  if (!ts.isBinaryExpression(node)) return ts.isVoidExpression(node);
  return exportedName(node.left) !== undefined && isVoid(node.right);
}

/**
 * The names in `exports.a = exports.b = void 0`.
 * @param {Node} node
 * @returns {string[]}
 */
function namesOfVoid(node) {
  if (!ts.isBinaryExpression(node)) return [];
  return [exportedName(node.left) ?? "", ...namesOfVoid(node.right)];
}

/**
 * Whether a node is an assignment that gives its name to a function without one.
 * @param {Node} node
 * @returns {node is import("@tslab/typescript-for-tslab").BinaryExpression & { left: import("@tslab/typescript-for-tslab").Identifier }}
 */
function isNaming(node) {
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
function isCallee(node) {
  const { parent } = node;
  if (ts.isCallExpression(parent)) return parent.expression === node;
  return ts.isTaggedTemplateExpression(parent) && parent.tag === node;
}

/**
 * @param {import("@tslab/typescript-for-tslab").BindingName} name
 * @returns {import("@tslab/typescript-for-tslab").Identifier[]}
 */
function namesIn(name) {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : namesIn(element.name),
  );
}
