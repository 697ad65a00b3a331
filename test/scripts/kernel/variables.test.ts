/** Variables that cells share, in the real kernel. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { type Kernel, startKernel } from "../../support/kernel";
import { temporaryFolder } from "../../support/temporaryFolder";

let kernel: Kernel;
before(async () => {
  kernel = await startKernel();
});
after(() => kernel.stop());

describe("a variable of an earlier cell", () => {
  it("may be a shorthand property, and so may functions, classes and imports", async () => {
    const output = await kernel.outputOf(
      `
import { sep } from "path";
import * as os from "os";
const epochs = 3;
function half(x: number) { return x / 2; }
class Point { x = 1; }
enum Colour { Red }`,
      `
const all = { epochs, half, Point, Colour, sep, os };
console.log(Object.keys(all).join(), all.epochs, all.half(4), new all.Point().x, all.Colour[0], all.sep, typeof all.os.cpus);`,
    );
    assert.equal(output, "epochs,half,Point,Colour,sep,os 3 2 1 Red / function\n");
  });

  it("may have the name of a property that is taken out of an object", async () => {
    const output = await kernel.outputOf(
      "const inner = { size: 1 }; const size = 2;",
      "const { size: width } = inner; console.log(width, size, inner.size);",
    );
    assert.equal(output, "1 2 1\n");
  });

  it("may come out of what has no type: a module by `require`, parsed JSON", async () => {
    const output = await kernel.outputOf(
      `const { basename, posix: { sep: slash } } = require("path");
const { rows: [first, ...others] = [0] } = JSON.parse('{ "rows": [1, 2, 3] }');`,
      "console.log(basename('/a/b'), slash, first, others);",
    );
    assert.equal(output, "b / 1 [ 2, 3 ]\n");
  });

  it("may be a function that its own cell calls before it is declared", async () => {
    const output = await kernel.outputOf(
      "console.log(twice(4)); function twice(n: number) { return 2 * n; }",
    );
    assert.equal(output, "8\n");
  });

  it("is what parameters, inner `exports` and comments leave it", async () => {
    const output = await kernel.outputOf(
      "const dps = 1; function add(a = dps) { const dps = 2; return a + dps; }",
      "function sum(exports: number) { return dps + exports; }",
      "/** @callback dps */\nconst own = () => dps;\nconsole.log(add(), sum(2), own());",
    );
    assert.equal(output, "3 3 1\n");
  });

  it("gives its name to a function without one, whenever it is assigned", async () => {
    const output = await kernel.outputOf(
      "let fn = () => 1; fn = () => 2; const { d = () => 1 } = {} as { d?: () => number };",
      "console.log(fn.name, d.name);",
    );
    assert.equal(output, "fn d\n");
  });

  it("takes its value out of anything that can be iterated over", async () => {
    const output = await kernel.outputOf(
      "let first = 1, rest: number[] = []; [first, ...rest] = new Set([5, 6, 7]); console.log(first, rest);",
    );
    assert.equal(output, "5 [ 6, 7 ]\n");
  });

  it("may be assigned, and a function of its cell sees the new value; so does a timer", async () => {
    const output = await kernel.outputOf(
      `
let rate = 0.1;
let list = [1];
const current = () => rate;
let seen: unknown[] = [];
const timer = setInterval(() => { seen.push([rate, ...list]); }, 5);`,
      "rate = 0.01; list = [2, 3];",
      `
seen = [];
await new Promise((resolve) => setTimeout(resolve, 50));
clearInterval(timer);
console.log(current(), JSON.stringify(seen[0]));`,
    );
    assert.equal(output, "0.01 [0.01,2,3]\n");
  });

  it("may be changed by a function of its own cell, also after an await", async () => {
    const output = await kernel.outputOf(
      "let count = 0; const add = async () => { await null; count += 1; return count; };",
      "await add(); await add();",
      "count *= 10; console.log(count, await add(), count);",
    );
    assert.equal(output, "20 21 21\n");
  });

  it("may be declared anew with another type", async () => {
    const output = await kernel.outputOf(
      "let value = 1; const read = () => value;",
      'const value = "text";',
      "console.log(value.toUpperCase(), read());",
    );
    assert.equal(output, "TEXT text\n");
  });

  it("may have the name of a global, which the library goes on using", async () => {
    const output = await kernel.outputOf(
      "const performance = 0.9; const process = 'mine';",
      `
import { tf } from "convnets";
const t = await tf.time(() => tf.ones([2]).dispose());
console.log(performance, process, typeof t.wallMs);`,
    );
    assert.equal(output, "0.9 mine number\n");
  });
});

it("an import of a cell is read anew, when the module changes what it exports", async () => {
  using folder = temporaryFolder();
  const module = "export let count = 0;\nexport const add = () => { count += 1; };\n";
  writeFileSync(path.join(folder.path, "counter.ts"), module);
  const own = await startKernel(folder.path);
  try {
    await own.run('import { add, count } from "./counter";');
    const { stdout, stderr } = await own.run("add(); add(); console.log(count, { count });");
    assert.equal(stdout, "2 { count: 2 }\n", stderr);
  } finally {
    await own.stop();
  }
});

describe("a loss that reads a variable of an earlier cell", () => {
  before(async () => {
    await kernel.outputOf(`
import { fit, tf } from "convnets";
let weight = 1;
let calls = 0;
const x = tf.ones([8, 1]);
const y = tf.zeros([8, 1]);
function train(loss: (t: tf.Tensor, p: tf.Tensor) => tf.Tensor, callbacks = {}) {
  const layer = tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: "ones" });
  const model = tf.sequential({ layers: [layer] });
  model.compile({ optimizer: tf.train.sgd(0), loss });
  return fit(model, [x, y], { epochs: 3, verbose: 0, callbacks });
}`);
  });

  it("trains with the value that a callback of another cell gives it", async () => {
    const output = await kernel.outputOf(
      "const weighted = (t: tf.Tensor, p: tf.Tensor) => p.sub(t).square().mean().mul(weight);",
      `
const { history } = await train(weighted, { onEpochEnd() { weight *= 10; } });
console.log(history.loss.map((each) => Math.round(each)).join());`,
    );
    assert.equal(output, "1,10,100\n");
  });

  it("is seen to count its calls", async () => {
    const cell = `
const counting = (t: tf.Tensor, p: tf.Tensor) => {
  calls += 1;
  return p.sub(t).square().mean();
};`;
    await kernel.outputOf(cell);
    const { stderr } = await kernel.run("await train(counting);");
    assert.match(stderr, /runs eagerly.*each call changes the variable "calls"/s);
  });
});
