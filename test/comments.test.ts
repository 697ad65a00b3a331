/** The examples in the library's comments are what people copy: each has to compile as it stands, and to run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compileExamples,
  examplesIn,
  libraryExamples,
  runExamples,
} from "./support/commentExamples";

test("every example in the library's comments compiles as it stands", async () => {
  const examples = libraryExamples();
  assert.ok(examples.length >= 80, `only ${examples.length} examples were found`);
  assert.deepEqual(await compileExamples(examples), []);
});

test("every example imports what it uses from convnets, in at most ten lines", () => {
  for (const { name, code } of libraryExamples()) {
    assert.match(code, /^import \{ .* \} from "convnets";$/m, name);
    assert.ok(code.split("\n").length <= 10, name);
  }
});

/** What an example uses that this machine may lack: files of the reader's, the network, trained weights, Ctrl-C. */
const needed =
  /loadModel\(|loadLayersModel|loadWeights|applications\.|ownload|unzip\(|makeSubset|dogsVsCats|FromDirectory|onInterrupt|\.jpg/;

test("every example that needs no file, no network and nobody at the keyboard runs", async () => {
  const examples = libraryExamples().filter(({ code }) => !needed.test(code));
  assert.ok(examples.length >= 50, `only ${examples.length} examples were run`);
  assert.deepEqual(await runExamples(examples), []);
});

test("an example that throws is named by function, file and line", async () => {
  const lines = ['import { setSeed } from "convnets";', "setSeed(-1);"];
  const source = `/** @example\n * ${lines.join("\n * ")} */\nconst seeded = 1;`;
  const complaints = await runExamples(examplesIn("lib/a.ts", source));
  assert.match(
    complaints.join("\n"),
    /^seeded \(lib\/a\.ts:2\): InvalidArgumentError: `seed` must be/,
  );
});

test("an example that doesn't compile is named by function, file and line", async () => {
  const source = [
    "/**",
    " * Doubles.",
    " *",
    " * @example",
    ' * import { setSeed } from "convnets";',
    ' * setSeed("one");',
    " * @see nothing",
    " */",
    "export async function twice(x: number) {",
  ].join("\n");
  const [complaint, ...others] = await compileExamples(examplesIn("lib/twice.ts", source));
  assert.match(complaint ?? "", /^twice \(lib\/twice\.ts:6\): .*string.*number/);
  assert.deepEqual(others, []);
});

test("an example that uses what it neither imports nor declares is refused", async () => {
  const source = "/** @example\n * summary(model); */\nconst summary = 1;";
  const complaints = await compileExamples(examplesIn("lib/a.ts", source));
  assert.match(complaints.join("\n"), /^summary \(lib\/a\.ts:2\): .*'summary'/);
  assert.match(complaints.join("\n"), /^summary \(lib\/a\.ts:2\): .*'model'/m);
});

test("what follows an example's next tag is no part of it", () => {
  const source =
    "/**\n * @example\n * one();\n * @example\n * two();\n *\n * @see three\n */\nlet x;";
  const codes = examplesIn("lib/a.ts", source).map(({ code }) => code);
  assert.deepEqual(codes, ["one();", "two();"]);
});
