// @ts-check
/** One binding for each variable: what a cell's JavaScript becomes, run in plain Node. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bindVariables } from "../../../scripts/kernel/bindings.mjs";
import { ts } from "../../../scripts/kernel/compiler.mjs";
import { namesOfValues } from "../../../scripts/kernel/declarations.mjs";

/**
 * Runs cells one after another, as CommonJS that TypeScript makes of them.
 * @param {...{ code: string, names: string[] }} cells What a cell says, and what it declares.
 * @returns {Record<string, any>} The variables.
 */
function run(...cells) {
  /** @type {Record<string, any>} */
  const variables = {};
  for (const { code, names } of cells) {
    const { outputText } = ts.transpileModule(
      `export {};\n${code}\nexport { ${names.join(", ")} };`,
      {
        fileName: "cell.js",
        compilerOptions: {
          module: ts.ModuleKind.CommonJS,
          target: ts.ScriptTarget.ES2022,
          esModuleInterop: true,
          noImplicitUseStrict: true,
        },
      },
    );
    const { text, helpers } = bindVariables(outputText, (name) => Object.hasOwn(variables, name));
    assert.equal(text.split("\n").length, outputText.split("\n").length, "lines stay");
    const alias = (/** @type {string} */ name, /** @type {PropertyDescriptor} */ { get }) =>
      Object.defineProperty(variables, name, { get, configurable: true, enumerable: true });
    new Function("exports", "require", "__cell", `${helpers}${text}`)(
      variables,
      () => ({ sep: "/" }),
      { alias },
    );
  }
  return variables;
}

describe("bindVariables(text)", () => {
  it("lets a function see what a later cell assigns", () => {
    const { current, raised } = run(
      { code: "let rate = 1; const current = () => rate;", names: ["rate", "current"] },
      { code: "rate = 2; rate++; const raised = (rate += 1);", names: ["raised"] },
    );
    assert.deepEqual([current(), raised], [4, 4]);
  });

  it("keeps the value of ++ and -- before and after", () => {
    const { values, n } = run({
      code: "let n = 5; const values = [n++, ++n, n--, --n]; n++;",
      names: ["n", "values"],
    });
    assert.deepEqual([values, n], [[5, 7, 7, 5], 6]);
  });

  it("writes shorthand properties out, with and without a default", () => {
    const { made, taken } = run(
      { code: "const epochs = 3; let taken = 0;", names: ["epochs", "taken"] },
      { code: "const made = { epochs }; ({ taken = 7 } = {});", names: ["made"] },
    );
    assert.deepEqual([made, taken], [{ epochs: 3 }, 7]);
  });

  it("leaves names of properties, labels and inner variables alone", () => {
    const { result } = run(
      { code: "const x = 1, y = 2;", names: ["x", "y"] },
      {
        code: `
const result = (({ x: y }) => {
  x: for (const y of [3]) { if (y) continue x; }
  const o = { x: 5, y() { return x; }, get z() { return y; } };
  try { throw 6; } catch (x) { o.caught = x; }
  class A { x = 7; static y = 8; }
  return [y, o.x, o.y(), o.z, o.caught, new A().x, A.y, (function x() { return typeof x; })()];
})({ x: 4 });`,
        names: ["result"],
      },
    );
    assert.deepEqual(result, [4, 5, 1, 4, 6, 7, 8, "function"]);
  });

  it("takes patterns apart", () => {
    const variables = run(
      { code: "const key = 'k';", names: ["key"] },
      {
        code: `
const { a, b: [c = 9, ...d], [key]: e, ...f } = { a: 1, b: [undefined, 3, 4], k: 5, g: 6 };
let [h, , i] = [a, 0, c];
[h, i] = [i, h];`,
        names: ["a", "c", "d", "e", "f", "h", "i"],
      },
    );
    const { a, c, d, e, f, h, i } = variables;
    assert.deepEqual([a, c, d, e, f, h, i], [1, 9, [3, 4], 5, { g: 6 }, 9, 1]);
  });

  it("names functions and classes after their variables", () => {
    const { f, g, C, D, h } = run({
      code: "const f = () => 1, g = function () {}, C = class {}; class D {} function h() {}",
      names: ["f", "g", "C", "D", "h"],
    });
    assert.deepEqual(
      [f, g, C, D, h].map(({ name }) => name),
      ["f", "g", "C", "D", "h"],
    );
  });

  it("calls functions of other cells without an object as `this`", () => {
    const { that } = run(
      {
        code: "function self() { return this === undefined || this === globalThis; }",
        names: ["self"],
      },
      { code: "const that = [self(), self?.(), self``];", names: ["that"] },
    );
    assert.deepEqual(that, [true, true, true]);
  });

  it("knows the loops: `var` before them, names of earlier cells in them", () => {
    const { sum, i, key, last } = run(
      { code: "let last = 0;", names: ["last"] },
      {
        code: `
let sum = 0;
for (var i = 0; i < 3; i++) sum += i;
for (var key in { a: 1 }) sum += 10;
for (last of [7, 8]) { var seen; seen = last; }
for (const i of [100]) sum += i;`,
        names: ["sum", "i", "key", "seen"],
      },
    );
    assert.deepEqual([sum, i, key, last], [113, 3, "a", 8]);
  });

  it("keeps a variable's value until the cell gives it another", () => {
    const { before, x } = run(
      { code: "let x = 1; const read = () => x;", names: ["x", "read"] },
      { code: "const before = read(); let x; x ??= before + 1;", names: ["x", "before"] },
    );
    assert.deepEqual([before, x], [1, 2]);
  });

  it("reads an import anew each time, and knows enums", () => {
    const { separator, sep } = run({
      code: 'import { sep } from "path"; const separator = () => ({ sep });',
      names: ["sep", "separator"],
    });
    assert.deepEqual([separator(), sep], [{ sep: "/" }, "/"]);
  });

  it("leaves globals alone where no cell has their name", () => {
    const { bytes } = run({ code: "const bytes = Buffer.from('a').length;", names: ["bytes"] });
    assert.equal(bytes, 1);
  });
});

describe("namesOfValues(declarations)", () => {
  it("finds variables, functions, classes, enums and imports, and no types", () => {
    const names = namesOfValues(`
import d, { a as b } from "x";
import * as n from "y";
declare const v: number, w: string;
declare function f(): void;
declare class C {}
declare enum E {}
interface I {}
type T = number;`);
    assert.deepEqual([...names].sort(), ["C", "E", "b", "d", "f", "n", "v", "w"]);
  });
});
