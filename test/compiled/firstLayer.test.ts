import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { ownKernels } from "../../lib/engine";
import { engine, fit, setSeed, tf } from "../../lib/index";

afterEach(() => {
  delete process.env.CONVNETS_KERNELS;
  delete process.env.CONVNETS_BFLOAT16;
});

/** The losses of a small convnet, some steps long. */
async function losses(options: { precision?: "float32" | "bfloat16" } = {}): Promise<number[]> {
  setSeed(3);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: "relu", inputShape: [15, 12, 3] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, activation: "relu" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  const x = tf.randomUniform([20, 15, 12, 3], 0, 1, "float32", 5);
  const y = tf.tensor1d(Array.from({ length: 20 }, (_, i) => i % 3));
  const history = await fit(model, [x, y], {
    epochs: 4,
    batchSize: 8,
    verbose: 0,
    engine: "graph",
    ...options,
  });
  tf.dispose([x, y]);
  model.dispose();
  return history.history.loss!;
}

function near(actual: readonly number[], expected: readonly number[], tolerance: number) {
  assert.equal(actual.length, expected.length);
  for (const [i, loss] of actual.entries()) {
    assert.ok(Math.abs(loss - expected[i]!) < tolerance, `${actual} beside ${expected}`);
  }
}

test("a first layer trains to the same losses by the library's kernels, by TensorFlow's, and by what is chosen", async () => {
  process.env.CONVNETS_KERNELS = "tensorflow";
  const theirs = await losses();
  process.env.CONVNETS_KERNELS = "own";
  near(await losses(), theirs, 1e-5);
  assert.ok(!engine().choices.some(({ what }) => what.startsWith("first layer 15×12×3")));
  delete process.env.CONVNETS_KERNELS;
  near(await losses(), theirs, 1e-5);
});

test("engine() tells what was chosen for a first layer, and it stays", {
  skip: ownKernels() === undefined && "this machine has no kernels of the library's own",
}, async () => {
  const once = await losses();
  const choices = engine().choices.filter(({ what }) =>
    what.startsWith("first layer 15×12×3 to 16 filters, float32"),
  );
  assert.equal(choices.length, 1);
  const [{ chosen, ms }] = choices as [(typeof choices)[0]];
  assert.deepEqual(Object.keys(ms).sort(), ["own", "tensorflow"]);
  assert.equal(chosen, ms.own! < 0.9 * ms.tensorflow! ? "own" : "tensorflow");
  assert.deepEqual(await losses(), once);
});

test("another word than own or tensorflow is refused", async () => {
  process.env.CONVNETS_KERNELS = "mine";
  await assert.rejects(losses(), /CONVNETS_KERNELS must be one of own, tensorflow. Received: mine/);
});

test("bfloat16 everywhere and where it pays are both near float32", async () => {
  const full = await losses();
  near(await losses({ precision: "bfloat16" }), full, 0.03);
  process.env.CONVNETS_BFLOAT16 = "all";
  const everywhere = await losses({ precision: "bfloat16" });
  near(everywhere, full, 0.03);
  assert.notDeepEqual(everywhere, full);
});

test("what doesn't pay in bfloat16 stays in float32, is told by engine(), and is said once", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  await losses({ precision: "bfloat16" });
  const timed = engine().choices.filter(({ ms }) => "float32" in ms);
  assert.ok(
    timed.some(({ what }) => what.startsWith("DepthwiseConv2dNative of 6×5×16 and 3×3×16×1 among")),
  );
  assert.ok(timed.some(({ what }) => what.startsWith("BatchMatMulV2 of ")));
  for (const { chosen, ms } of timed) {
    assert.equal(chosen, ms.bfloat16! < 0.9 * ms.float32! ? "bfloat16" : "float32");
  }
  const said = warn.mock.calls.length;
  await losses({ precision: "bfloat16" });
  assert.equal(warn.mock.calls.length, said);
});
