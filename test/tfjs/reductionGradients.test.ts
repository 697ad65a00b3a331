import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { trace } from "../../lib/graph";
import { tf, useNativeKernels } from "../../lib/tfjs";

const reductions: Record<string, (x: Tensor) => Tensor> = {
  "a sum over all": (x) => tf.sum(x),
  "a sum over the last axis": (x) => tf.sum(x, -1),
  "a sum over two axes": (x) => tf.sum(x, [0, 2]),
  "a mean over all": (x) => tf.mean(x),
  "a mean over two axes that stay": (x) => tf.mean(x, [1, 2], true),
};

for (const [name, reduce] of Object.entries(reductions)) {
  test(`the gradient of ${name} is what differences say`, () => {
    useNativeKernels();
    const tensors = tf.memory().numTensors;
    tf.tidy(() => {
      const x = tf.tensor3d(
        Array.from({ length: 24 }, (_, i) => Math.sin(i)),
        [2, 3, 4],
      );
      const f = (v: Tensor) => tf.sum(tf.square(reduce(v)));
      const gradient = tf.grad(f)(x).dataSync();
      for (const at of [0, 7, 23]) {
        const nudged = (by: number) => {
          const values = Float32Array.from(x.dataSync());
          values[at]! += by;
          return f(tf.tensor3d(values, [2, 3, 4])).dataSync()[0]!;
        };
        const expected = (nudged(0.01) - nudged(-0.01)) / 0.02;
        assert.ok(Math.abs(gradient[at]! - expected) < 2e-3, `${gradient[at]} at ${at}`);
      }
    });
    assert.equal(tf.memory().numTensors, tensors);
  });

  test(`the gradient of ${name} takes no array as large as what is summed`, () => {
    useNativeKernels();
    const x = tf.zeros([5, 40, 50]);
    const { constants } = trace(() => [tf.grad((v: Tensor) => tf.sum(reduce(v)))(x)], {
      inputs: { x },
    });
    x.dispose();
    for (const { values } of constants) assert.ok(values.byteLength < 100);
  });
}
