/** What a cell shows that ends in a value of tfjs, and what `console.log` prints of one, in the real kernel. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Kernel, startKernel } from "../../support/kernel";

let kernel: Kernel;
before(async () => {
  kernel = await startKernel();
  const { status, stderr } = await kernel.run(`
import { fit, tf } from "convnets";
const model = tf.sequential({
  name: "small",
  layers: [tf.layers.dense({ units: 1, inputShape: [2], name: "first" })],
});
model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
const x = tf.tensor2d([[1, 2], [3, 4]]);
const dataset = tf.data.array([1, 2, 3]).map((n) => ({ xs: tf.ones([n]) }));`);
  assert.equal(status, "ok", stderr);
});
after(() => kernel.stop());

/** The only display of a cell. */
async function shown(code: string): Promise<Record<string, unknown>> {
  const { messages, stderr } = await kernel.run(code);
  assert.equal(messages.length, 1, stderr || JSON.stringify(messages));
  assert.equal(messages[0]!.type, "display_data");
  return messages[0]!.content.data as Record<string, unknown>;
}

test("a tensor shows its type, shape and values", async () => {
  assert.match(String((await shown("x"))["text/plain"]), /^Tensor\(float32, \[2, 2\]\)\n.*1, 2/s);
});

test("a model shows its layers as a table", async () => {
  const { "text/html": html } = await shown("model");
  assert.match(String(html), /<table>.*first \(Dense\)/s);
});

test("a dataset shows what its elements are", async () => {
  const { "text/plain": text } = await shown("dataset");
  assert.equal(text, "Dataset of 3 elements\nelement: { xs: Tensor(float32, [1]) }");
});

test("a history shows its curves, ours and tfjs'", async () => {
  const types = ["application/vnd.plotly.v1+json", "text/html", "text/plain"];
  const { stderr } = await kernel.run("await model.fit(x, tf.ones([2, 1]), { verbose: 0 }); 0");
  assert.match(stderr, /^`model.fit` is tfjs' own/); // said once
  for (const run of [
    "await fit(model, [x, tf.ones([2, 1])], { epochs: 2, verbose: 0 })",
    "await model.fit(x, tf.ones([2, 1]), { epochs: 2, verbose: 0 })",
  ]) {
    assert.deepEqual(Object.keys(await shown(run)).sort(), types);
  }
});

test("the curves that grew in a cell aren't drawn there again, but where a later cell asks", async () => {
  const { messages, stderr } = await kernel.run(`
let run: any;
run = await fit(model, [x, tf.ones([2, 1])], { epochs: 2, verbose: 0, livePlot: true });
run`);
  const figures = messages.filter(({ type }) => type === "display_data");
  assert.equal(figures.length, 1, stderr);
  assert.ok("application/vnd.plotly.v1+json" in (await shown("run")));
});

test("a fit with wrong data that nobody awaits is told of, in a few lines", async () => {
  const { stdout, stderr } = await kernel.run("fit(model, [tf.ones([2, 3]), tf.ones([2, 1])])");
  assert.match(
    stderr,
    /^UnhandledPromiseRejection: InvalidArgumentError: `x` must be of shape [^\n]*\n +at Cell In[^\n]*\nNo cell waits [^\n]*`await`/,
  );
  assert.doesNotMatch(stdout, / at (?!Cell In)|scripts\/kernel/);
});

test("console.log prints texts, short ones inside other values", async () => {
  const { stdout } = await kernel.run(`
console.log(x, { x, model, layer: model.layers[0], dataset });
console.log(model.outputs[0]);`);
  assert.equal(
    stdout,
    `Tensor(float32, [2, 2])
    [[1, 2],
     [3, 4]] {
  x: Tensor(float32, [2, 2]),
  model: Sequential "small",
  layer: Dense "first",
  dataset: Dataset of 3 elements
}
SymbolicTensor(float32, [None, 1])
`,
  );
});
