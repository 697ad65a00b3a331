// @ts-check
/**
 * One binding for each variable of a notebook: a property of the object `exports` that all cells share.
 *
 * A cell comes as CommonJS, in which its own variables are local and copied to `exports` when they are assigned, and in
 * which variables of earlier cells are free names. Here both become `exports.name`, wherever they are read, written or
 * declared; so a function of an earlier cell sees what a later one assigns.
 */

import { ts } from "./compiler.mjs";
import { apply } from "./edits.mjs";
import {
  definitionIn,
  exportedName,
  importsOf,
  isDefaultImport,
  isHelper,
  isVoid,
  namesOfVoid,
  ownNamesOf,
} from "./emitted.mjs";
import {
  isCallee,
  isNaming,
  isReference,
  localsOf,
  namesIn,
  parseAndBind,
  scopeOf,
} from "./names.mjs";

/** @typedef {import("./names.mjs").Node} Node */

/**
 * Rewrites a cell; lines stay where they are.
 * @param {string} text What TypeScript has made of the cell.
 * @param {(name: string) => boolean} isEarlier Whether a free name is a variable of an earlier cell.
 * @returns {{ text: string, helpers: string, origin: import("./places.mjs").Origin }} `helpers`: TypeScript's own
 *   functions, which must not see the cell's variables.
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
    this.own = ownNamesOf(this.file);
    /** Names out of imports, by what TypeScript writes for them. @type {Map<string, string>} */
    this.imported = importsOf(this.file);
    this.helpers = "";
  }

  rewrite() {
    for (const statement of this.file.statements) {
      if (isHelper(statement)) this.moveHelper(statement);
      else if (!this.isBookkeeping(statement)) this.visit(statement);
    }
    // Of edits at one place the first made stays first.
    const rewritten = apply(
      this.text,
      this.edits.sort((a, b) => a.start - b.start),
    );
    return { ...rewritten, helpers: this.helpers };
  }

  /** @param {Node} statement */
  moveHelper(statement) {
    this.helpers += `${statement.getText()}\n`;
    this.replace(statement, "\n".repeat(statement.getText().split("\n").length - 1));
  }

  /**
   * Settles a statement that TypeScript has added; false for the user's own.
   * @param {Node} statement
   */
  isBookkeeping(statement) {
    if (!ts.isExpressionStatement(statement)) return false;
    const { expression } = statement;
    const definition = definitionIn(statement);
    const defined = definition?.arguments[1];
    if (definition && defined) {
      // An import stays an import: read anew each time. Later cells may give its name to something else.
      if (defined.getText() === '"__esModule"') this.replace(definition, "void 0");
      else this.edit(definition.getStart(), defined.getStart(), "__cell.alias(");
      return true;
    }
    if (!ts.isBinaryExpression(expression)) return false;
    if (isDefaultImport(statement)) return true;
    if (isVoid(expression)) {
      // A function is there from the start; a `var`, too, with the value that it had. Others come when they are declared.
      const hoisted = namesOfVoid(expression).flatMap((name) => {
        if (this.isFunction(name)) return [`exports.${name} = ${name}`];
        return this.isVar(name) ? [`exports.${name} = exports.${name}`] : [];
      });
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
  isVar(name) {
    const symbol = localsOf(this.file)?.get(ts.escapeLeadingUnderscores(name));
    return ((symbol?.flags ?? 0) & ts.SymbolFlags.FunctionScopedVariable) !== 0;
  }

  /** @param {string} name */
  declarationOf(name) {
    return localsOf(this.file)?.get(ts.escapeLeadingUnderscores(name))?.declarations?.[0];
  }

  /** @param {Node} node */
  visit(node) {
    if (ts.isVariableDeclarationList(node) && this.declaresOwn(node)) this.declare(node);
    else if (ts.isIdentifier(node)) this.refer(node);
    else if (ts.isPropertyAccessExpression(node) && this.isImported(node)) {
      this.replace(node, `exports.${this.imported.get(node.getText())}`);
    } else if (isNaming(node) && this.isShared(node.left)) {
      this.refer(node.left);
      this.nameAfter(node.left.text, node.right);
    } else ts.forEachChild(node, (child) => this.visit(child));
  }

  /**
   * Whether TypeScript has written a node for a name out of an import: a cell sees what later ones make of that name.
   * @param {import("@tslab/typescript-for-tslab").PropertyAccessExpression} node
   */
  isImported(node) {
    if (!this.imported.has(node.getText())) return false;
    const { expression } = node;
    return (
      ts.isIdentifier(expression) &&
      scopeOf(expression) === this.file &&
      scopeOf(expression, "exports") === undefined
    );
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
    const isVar = (list.flags & ts.NodeFlags.BlockScoped) === 0;
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
      } else if (isVar && !isLoopVariable) {
        this.replace(name, "void 0"); // it keeps its value
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
