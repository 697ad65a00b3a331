/** What a cell may declare, and under which names, in the real kernel. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Kernel, startKernel } from "../../support/kernel";
import { repositoryRoot } from "../../support/python";

let kernel: Kernel;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

/** What a cell that isn't run says. */
async function refusalOf(cell: string): Promise<string> {
  const { status, stderr } = await kernel.run(cell);
  assert.equal(status, "error", cell);
  return stderr;
}

describe("a `var` without a value", () => {
  it("keeps the one that an earlier cell has given it", async () => {
    assert.equal(await kernel.outputOf("var v = 1;", "var v: number;\nconsole.log(v);"), "1\n");
  });

  it("keeps the one that its own cell has given it", async () => {
    assert.equal(await kernel.outputOf("var w = 2; var w: number; console.log(w);"), "2\n");
  });

  it("is there for later cells", async () => {
    assert.equal(await kernel.outputOf("var a: number;", "console.log(a);"), "undefined\n");
  });

  it("is not what `let` is, which begins anew", async () => {
    assert.equal(await kernel.outputOf("let l = 1;", "let l;\nconsole.log(l);"), "undefined\n");
  });
});

it("a name out of an import is a variable for its own cell, too", async () => {
  const first = "/,object,object,function,object,function true true\n";
  const cells = [
    `
import { sep, join } from "path";
import * as os from "os";
import fs from "fs";
import url, { resolve } from "url";
const seen = () => [sep, typeof os, typeof fs, typeof join, typeof url, typeof resolve];
const kept = join("a", "b");
console.log(seen().join(), fs.existsSync("/"), url.resolve === resolve);`,
    'const sep = "anew"; const os = 1; const fs = "x"; const join = 2n; const url = 1, resolve = 1;',
    "console.log(seen().join(), kept);",
  ] as const;
  assert.equal(await kernel.outputOf(cells[0]), first);
  const output = await kernel.outputOf(cells[1], cells[2]);
  assert.equal(output, "anew,number,string,bigint,number,number a/b\n");
});

describe("a variable may be called", () => {
  for (const name of [
    "Object",
    "Promise",
    "Reflect",
    "Symbol",
    "module",
    "global",
    "__name",
    "___x",
    "undefinedly",
    "größe",
    "数",
    "\\u0061bc",
  ]) {
    it(`${name}, beside imports of all kinds`, async () => {
      const output = await kernel.outputOf(
        `
import * as os from "os";
import fs, { existsSync } from "fs";
let ${name}: any = 5;
const later = await import("path");
console.log(${name}, typeof os.cpus, typeof fs.readFileSync, typeof existsSync, later.sep);`,
        `
import * as util from "util";
const path = await import("path");
console.log(${name}, typeof util.inspect, path.sep, typeof later.join);`,
      );
      assert.equal(output, "5 function / function\n");
      await kernel.outputOf(`${name} = undefined;`);
    });
  }

  it("not `exports` or `require`, which is said", async () => {
    for (const cell of [
      "const { exports } = { exports: 1 };",
      "const require = 1;",
      "let exports = 2;",
      "function require() {}",
      'import { sep as exports } from "path";',
    ]) {
      assert.match(await refusalOf(cell), /Duplicate identifier '(exports|require)'/, cell);
    }
  });
});

describe("`export` in a cell", () => {
  it("declares as without it", async () => {
    const output = await kernel.outputOf(
      `
export const one = 1, two = 2;
export function three() { return 3; }
export async function* four() { yield 4; }
export class Five { five = 5; }
export enum Six { six = 6 }
export interface Seven { seven: number }
export type Eight = 8;
export abstract class Nine { abstract n(): number }
export default function ten() { return 10; }
const eleven = 11;
export { eleven };`,
      `
const seven: Seven = { seven: 7 };
const eight: Eight = 8;
console.log(one, two, three(), new Five().five, Six.six, seven.seven, eight, ten(), eleven);`,
    );
    assert.equal(output, "1 2 3 5 6 7 8 10 11\n");
  });

  it("may be a default, which is the cell's value", async () => {
    assert.equal(await kernel.outputOf("export default 3 + 4;"), "7\n");
    assert.match(await kernel.outputOf("export default function () {}"), /Function/);
    assert.match(await kernel.outputOf("export default class {}"), /class/);
  });

  it("keeps the places of errors", async () => {
    assert.match(await refusalOf('\nexport const a: number = "x";'), /^2:14 - Type 'string'/);
  });

  it("is refused where it names another module or another name", async () => {
    assert.match(await refusalOf('1;\nexport { sep } from "path";'), /^2:1 - .*write `import`/);
    assert.match(await refusalOf('export * from "path";'), /write `import`/);
    assert.match(
      await refusalOf("const a = 1; export { a as b };"),
      /^1:23 - .*write `const b = …`/,
    );
  });

  it("may stand in a text or a comment", async () => {
    assert.equal(
      await kernel.outputOf('// export const x\nconsole.log("export default");'),
      "export default\n",
    );
  });
});

it("`using` is refused in a sentence", async () => {
  for (const cell of [
    "using file = open();",
    "{\n  await using file = open();\n}",
    "function f() { using x = 1; }",
  ]) {
    assert.match(await refusalOf(cell), /^\d:\d+ - Cells have TypeScript 5.0, .*`using`/, cell);
  }
  assert.equal(await kernel.outputOf("const using = 3; console.log(using\n);"), "3\n");
});

it("a namespace, and what `declare global` adds, are there for all later cells", async () => {
  const output = await kernel.outputOf(
    `
namespace Shapes { export const sides = 3; export interface Point { x: number } }
declare global { interface Array<T> { second(): T } }
Array.prototype.second = function () { return this[1]; };`,
    "1;",
    "2;",
    "const point: Shapes.Point = { x: 4 }; console.log(Shapes.sides, point.x, [5, 6].second());",
  );
  assert.equal(output, "3 4 6\n");
  assert.equal(await kernel.outputOf("const Shapes = 7;", "1;", "console.log(Shapes);"), "7\n");
});

it("a cell knows its folder, and what Node 20 has beyond ES2022", async () => {
  const cell = "console.log(import.meta.url, __dirname, [2, 1].findLast((n) => n > 1));";
  assert.equal(await kernel.outputOf(cell), `file://${repositoryRoot}/ ${repositoryRoot} 2\n`);
});
