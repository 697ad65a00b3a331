/** Cells that fail, import, await and end in a value, in the real kernel. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it, test } from "node:test";
import { type Kernel, startKernel } from "../../support/kernel";
import { temporaryFolder } from "../../support/temporaryFolder";

let kernel: Kernel;
let folder: ReturnType<typeof temporaryFolder>;
before(async () => {
  folder = temporaryFolder();
  kernel = await startKernel(folder.path);
});
after(async () => {
  await kernel.stop();
  folder[Symbol.dispose]();
});

describe("an import that fails", () => {
  it("leaves later cells as they are", async () => {
    const failed = await kernel.run('import { x } from "no-such-package";');
    assert.equal(failed.status, "error");
    assert.match(failed.stderr, /Cannot find module 'no-such-package'/);
    assert.equal((await kernel.run("console.log(1)")).stdout, "1\n");
  });

  it("succeeds when the file or the package has appeared beside the notebook", async () => {
    assert.equal((await kernel.run('import { late } from "./late";')).status, "error");
    assert.equal((await kernel.run('import later from "later";')).status, "error");
    writeFileSync(path.join(folder.path, "late.ts"), "export const late: number = 2;\n");
    const place = path.join(folder.path, "node_modules/later");
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, "package.json"), '{ "name": "later", "version": "1.0.0" }');
    writeFileSync(path.join(place, "index.js"), "exports.later = 3;\n");
    writeFileSync(path.join(place, "index.d.ts"), "export const later: number;\n");
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { stdout, stderr } = await kernel.run(`
import { late } from "./late";
import { later } from "later";
console.log(late, later);`);
    assert.equal(stdout, "2 3\n", stderr);
    assert.equal(
      (await kernel.run("console.log({ late, later })")).stdout,
      "{ late: 2, later: 3 }\n",
    );
  });
});

describe("a cell that fails", () => {
  it("sends an error as other kernels do, and the next one runs at once", async () => {
    const failed = await kernel.run('throw new RangeError("too far")');
    assert.equal(failed.status, "error");
    const [error] = failed.messages;
    assert.equal(error?.type, "error");
    assert.deepEqual([error?.content.ename, error?.content.evalue], ["RangeError", "too far"]);
    assert.equal((failed.reply.traceback as string[])[0], "RangeError: too far");
    assert.doesNotMatch(failed.stderr, /node:|tslab|scripts\/kernel/);
    assert.deepEqual([failed.reply.ename, failed.reply.evalue], ["RangeError", "too far"]);
    assert.equal((await kernel.run("console.log(2)")).stdout, "2\n");
  });

  it("may throw what can't be looked at, and the kernel answers", async () => {
    for (const thrown of [
      '{ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("inside"); } }',
      "new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } })",
      'Object.defineProperty(new Error("a"), "message", { get() { throw new Error("b"); } })',
    ]) {
      assert.equal((await kernel.run(`throw ${thrown};`)).status, "error", thrown);
      assert.equal((await kernel.run("console.log(1)")).stdout, "1\n");
    }
  });

  it("keeps what earlier cells have declared", async () => {
    await kernel.run("let kept = 1;");
    assert.equal((await kernel.run('const other = 2; throw "a text";')).stderr, "a text\n");
    assert.equal((await kernel.run("kept")).stdout, "1\n");
  });

  it("names all type errors with their places", async () => {
    const { stderr, reply } = await kernel.run('const a: number = "x";\nconst b: string = 1;');
    assert.equal(reply.ename, "TypeScriptError");
    assert.match(stderr, /^1:7 - Type 'string'.*\n2:7 - Type 'number'/);
  });
});

describe("a promise that nobody awaits", () => {
  const says = /^UnhandledPromiseRejection: Error: lost\n.*write `await` before the call/s;

  it("is told of in the cell that has made it, with a hint", async () => {
    const { status, stderr } = await kernel.run('Promise.reject(new Error("lost")); 1');
    assert.equal(status, "ok");
    assert.match(stderr, says);
  });

  it("is told of where the cell ends in it and it fails a little later", async () => {
    const cell =
      '(async () => { await new Promise((r) => setTimeout(r, 20)); throw new Error("lost"); })()';
    const { stderr, stdout } = await kernel.run(cell);
    assert.equal(stdout, "Promise { <pending> }\n");
    assert.match(stderr, says);
  });
});

describe("await at the top", () => {
  it("may stand in a loop over what comes later", async () => {
    const { stdout, stderr } = await kernel.run(`
async function* numbers() { yield 1; yield 2; }
let sum = 0;
for await (const n of numbers()) sum += n;
console.log(sum);`);
    assert.equal(stdout, "3\n", stderr);
  });

  it("is refused in a function that isn't async, in methods too", async () => {
    for (const code of [
      "function f() { await 1; }",
      "const o = { m() { await 1; } };",
      "class A { m() { for await (const x of []) {} } }",
    ]) {
      const { status, stderr } = await kernel.run(code);
      assert.equal(status, "error");
      assert.match(stderr, /only allowed within async functions/);
    }
  });

  it("may import a module whose types can't be named from here", async () => {
    const place = path.join(folder.path, "node_modules/outer");
    const inner = path.join(place, "node_modules/inner");
    mkdirSync(inner, { recursive: true });
    writeFileSync(path.join(place, "package.json"), '{ "name": "outer", "version": "1.0.0" }');
    writeFileSync(path.join(place, "index.js"), "exports.make = () => ({ n: 4 });\n");
    writeFileSync(
      path.join(place, "index.d.ts"),
      'import { Inner } from "inner";\nexport function make(): Inner;\n',
    );
    writeFileSync(path.join(inner, "package.json"), '{ "name": "inner", "version": "1.0.0" }');
    writeFileSync(path.join(inner, "index.d.ts"), "export interface Inner { n: number }\n");
    const made = await kernel.run(
      'const outer = await import("outer"); const inner = outer.make();',
    );
    assert.equal(made.status, "ok", made.stderr);
    assert.equal((await kernel.run("inner.n.toFixed(1)")).stdout, "4.0\n");
    assert.match((await kernel.run("outer.m")).stderr, /Property 'm' does not exist/);
  });
});

test("what is written to standard output calls back", async () => {
  const { status, stdout } = await kernel.run(
    'await new Promise<void>((done) => process.stdout.write("x", "utf8", () => done()));',
  );
  assert.deepEqual([status, stdout], ["ok", "x"]);
});

test("process.exit() ends the cell, and the notebook keeps its variables", async () => {
  await kernel.run("const before = 1;");
  const { status, stderr } = await kernel.run("process.exit(3); console.log(2);");
  assert.equal(status, "error");
  assert.equal(stderr, "Exit: process.exit(3) has ended the cell, not the kernel.\n");
  assert.equal((await kernel.run("console.log(before)")).stdout, "1\n");
});

test("thousands of lines arrive, in order, in few messages", async () => {
  const { stdout, messages } = await kernel.run(
    "for (let i = 0; i < 5000; i++) { if (i === 3000) console.error('half'); console.log(i); }",
  );
  assert.equal(stdout, Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(""));
  const half = messages.findIndex(({ content }) => content.name === "stderr");
  const before = messages.slice(0, half).map(({ content }) => content.text);
  assert.match(before.join(""), /\n2999\n$/);
  assert.ok(messages.length < 500, `${messages.length} messages`);
});

test("a default import of a local file, and of JSON, is there for its cell and the next", async () => {
  writeFileSync(path.join(folder.path, "hello.ts"), "export default () => 'hello';\n");
  writeFileSync(path.join(folder.path, "sizes.json"), '{ "sizes": [1, 2] }');
  const cell = 'import hello from "./hello";\nimport { sizes } from "./sizes.json";\n';
  const used = "console.log(hello(), sizes.length);";
  assert.equal((await kernel.run(cell + used)).stdout, "hello 2\n");
  assert.equal((await kernel.run(used)).stdout, "hello 2\n");
});

test("a file is imported by its address, too", async () => {
  writeFileSync(path.join(folder.path, "by address.cjs"), "module.exports = { n: 5 };\n");
  const { stdout, stderr } = await kernel.run(
    'const byAddress = await import(new URL("./by address.cjs", import.meta.url).href); console.log(byAddress.n);',
  );
  assert.equal(stdout, "5\n", stderr);
});

test("lines before a long computation are seen before it ends", async () => {
  const { messages } = await kernel.run(
    'console.log("a"); console.log("b"); { const end = Date.now() + 200; while (Date.now() < end); } console.log("c");',
  );
  assert.deepEqual(
    messages.map(({ content }) => content.text),
    ["a\n", "b\n", "c\n"],
  );
});
