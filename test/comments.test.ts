/** The examples in the library's comments are what people copy: each has to compile as it stands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileExamples, examplesIn, libraryExamples } from "./support/commentExamples";

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
