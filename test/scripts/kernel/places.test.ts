/** Where an error says that it was thrown, in the real kernel. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
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

/** The frames of an error that a cell has thrown. */
async function framesOf(cell: string): Promise<string[]> {
  const { status, reply, stderr } = await kernel.run(cell);
  assert.equal(status, "error", stderr);
  return (reply.traceback as string[])
    .join("\n")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
}

/** The execution count of the next cell. */
async function next(): Promise<number> {
  return ((await kernel.run("1")).reply.execution_count as number) + 1;
}

test("an error names the cell and its line as they were typed, and no frames but the reader's", async () => {
  const n = await next();
  const define = `
interface Options { rate: number; }
type Rate = Options["rate"];
enum Kind { Low, High }
import * as os from "os";
import { sep } from "path";

function check(rate: Rate): Kind {
  if (rate < 0) {
    throw new RangeError("too low" + sep + typeof os);
  }
  return Kind.High;
}`;
  assert.equal((await kernel.run(define)).status, "ok");
  assert.deepEqual(await framesOf("interface Unused {\n  a: number\n}\n\n  check(-1);"), [
    `at check (Cell In[${n}], line 10)`,
    `at Cell In[${n + 1}], line 5`,
  ]);
});

test("a line is right where TypeScript joins several of them, and after an await", async () => {
  const n = await next();
  const cell = `
const fail = (): number => { throw new Error("no"); };
const rate = 1, other = 2;
await null;
[1].map((each) =>
  Math.max(
    rate, rate, rate, other,
    fail(),
  ));`;
  const frames = await framesOf(cell);
  assert.equal(frames[0], `at fail (Cell In[${n}], line 2)`);
  assert.equal(frames[1], `at Cell In[${n}], line 8`);
});

test("a local TypeScript file is named as it is, with its own lines", async () => {
  writeFileSync(
    path.join(folder.path, "helper.ts"),
    "interface A {\n  a: number;\n}\n\nexport function fail(a: A): never {\n  throw new Error(String(a.a));\n}\n",
  );
  const n = await next();
  const frames = await framesOf('import { fail } from "./helper";\nfail({ a: 1 });');
  assert.deepEqual(frames, [
    `at fail (${path.join(folder.path, "helper.ts")}:6)`,
    `at Cell In[${n}], line 2`,
  ]);
});

test("an error's cause and properties are shown without frames that aren't the reader's", async () => {
  const n = await next();
  const cell =
    'throw Object.assign(new Error("outer", { cause: new Error("inner") }), { code: "E1" });';
  const { stderr } = await kernel.run(cell);
  const place = `    at Cell In[${n}], line 1`;
  assert.equal(
    stderr,
    `Error: outer\n${place} {\n  code: 'E1',\n  [cause]: Error: inner\n  ${place}\n}\n`,
  );
});

test("console.trace shows the reader's frames", async () => {
  const n = await next();
  assert.equal(
    (await kernel.run('console.trace("x");')).stderr,
    `Trace: x\n    at Cell In[${n}], line 1\n`,
  );
});

test("what is printed and what nobody awaits names lines, too", async () => {
  const n = await next();
  const { stdout, stderr } = await kernel.run(
    'type A = 1;\n\nconsole.log(new Error("seen").stack);\nPromise.reject(new Error("lost")); 1',
  );
  assert.match(stdout, new RegExp(`Error: seen\\n +at Cell In\\[${n}\\], line 3\\n`));
  assert.match(stderr, new RegExp(`Error: lost\\n +at Cell In\\[${n}\\], line 4\\n`));
});
