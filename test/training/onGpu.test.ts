/** What only a GPU shows: XLA by itself, and the same training as without it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { usesGpu } from "../../lib/engine";
import { engine, fit, layers, optimizers, setSeed, tf } from "../../lib/index";
import { observedCalls } from "../support/nativeCalls";

const skip = usesGpu() ? false : "TensorFlow uses no GPU here";

/** Both sides multiply in TF32, by kernels that round differently. */
const TOLERANCE = 1e-2;

async function trained(jitCompile: "auto" | false, precision: "float32" | "bfloat16" = "float32") {
  setSeed(1);
  const model = tf.sequential({
    layers: [
      layers.randomFlip({ mode: "horizontal", inputShape: [28, 28, 1] }),
      layers.randomRotation({ factor: 0.1 }),
      tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  const loss = "sparseCategoricalCrossentropy";
  model.compile({ optimizer: optimizers.rmsprop(), loss, jitCompile });
  const x = tf.tensor4d(
    Array.from({ length: 640 * 784 }, (_, i) => Math.sin(i * 12.9898) * 0.5 + 0.5),
    [640, 28, 28, 1],
  );
  const y = tf.tensor1d(Array.from({ length: 640 }, (_, i) => i % 10));
  const options = { epochs: 3, batchSize: 16, verbose: 0, precision } as const;
  const { result, calls } = await observedCalls(() => fit(model, [x, y], options));
  tf.dispose([x, y]);
  return { losses: result.history.loss!, calls };
}

test("the engine says that it computes on the GPU", { skip }, () => {
  assert.equal(engine().device, "GPU");
});

for (const precision of ["float32", "bfloat16"] as const) {
  test(`XLA compiles several steps by itself, and trains as without it in ${precision}`, {
    skip,
  }, async () => {
    const plain = await trained(false, precision);
    const auto = await trained("auto", precision);
    assert.ok(plain.calls.every((call) => call.startsWith("plain")));
    assert.ok(
      auto.calls.some((call) => /^XLA ([2-9]|\d\d)/.test(call)),
      auto.calls.join(),
    );
    for (const [i, loss] of auto.losses.entries()) {
      assert.ok(Math.abs(loss / plain.losses[i]! - 1) <= TOLERANCE, `${loss} ${plain.losses[i]}`);
    }
  });
}
