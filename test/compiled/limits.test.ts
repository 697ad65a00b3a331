/** What is too large is refused in words before anything is computed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluate, fit, InvalidArgumentError, predict, tf } from "../../lib/index";
import { LARGEST_ARRAY } from "../../lib/tfjs";

const { layers } = tf;

/** Enlarges pictures of 10×10. */
function enlarging(size: number, { channels = 1 } = {}) {
  const inputShape = [10, 10, channels];
  const large = layers.upSampling2d({ size: [size, size], inputShape, name: "large" });
  return tf.sequential({ layers: [large] });
}

/** The same, and then one number for each picture. */
function measuring(size: number, ...after: ReturnType<typeof layers.flatten>[]) {
  const model = enlarging(size);
  for (const layer of after) model.add(layer);
  model.add(layers.globalAveragePooling2d({}));
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  return model;
}

// Node 22 has larger arrays than most machines have memory.
const skip = LARGEST_ARRAY > 2 ** 33 && "arrays of this Node have no such bound";

for (const engine of ["eager", "graph", "auto"] as const) {
  const quiet = { engine, verbose: 0 } as const;

  describe(`with engine "${engine}"`, () => {
    it("a batch of results that no array holds is refused with the size that fits", {
      skip,
    }, async () => {
      const model = enlarging(100);
      const x = tf.zeros([2000, 10, 10, 1]);
      const before = tf.memory().numTensors;
      await assert.rejects(predict(model, x, { batchSize: 2000, ...quiet }), (error: Error) => {
        assert.ok(error instanceof InvalidArgumentError);
        assert.match(
          error.message,
          /^`batchSize` must be at most 1073: the output of the layer "large"/,
        );
        assert.match(error.message, /\[batch, 1000, 1000, 1\], takes 8\.00 GB for a batch of 2000/);
        return true;
      });
      assert.equal(tf.memory().numTensors, before);
      x.dispose();
      model.dispose();
    });

    it("one picture of 20,000 × 20,000 is refused, whatever the batch", { skip }, async () => {
      const model = enlarging(2000, { channels: 3 });
      const x = tf.zeros([1, 10, 10, 3]);
      await assert.rejects(
        predict(model, x, { batchSize: 1, ...quiet }),
        /input must be smaller, whatever the `batchSize`: .*"large".*\[batch, 20000, 20000, 3\].* 4\.80 GB for one/,
      );
      x.dispose();
      model.dispose();
    });

    it("a layer whose output the machine has no memory for is named", async () => {
      const model = measuring(100_000);
      const [x, y] = [tf.zeros([4, 10, 10, 1]), tf.zeros([4, 1])];
      const refusal =
        /"large" \(UpSampling2D\), \[batch, 1000000, 1000000, 1\].* 4\.00 TB for one sample/;
      await assert.rejects(predict(model, x, quiet), refusal);
      await assert.rejects(evaluate(model, [x, y], quiet), refusal);
      await assert.rejects(fit(model, [x, y], quiet), refusal);
      tf.dispose([x, y]);
      model.dispose();
    });

    it("a layer with an axis that TensorFlow can't count is named", async () => {
      const model = enlarging(5000);
      model.add(layers.flatten({ name: "flat" }));
      const x = tf.zeros([1, 10, 10, 1]);
      await assert.rejects(predict(model, x, quiet), /"flat" \(Flatten\), \[batch, 2500000000\]/);
      x.dispose();
      model.dispose();
    });
  });
}

it("predictions of which no array holds all are refused after the first batch", {
  skip,
}, async () => {
  const model = enlarging(50);
  const batches = tf.data.generator(function* () {
    for (let i = 0; i < 8000; i++) yield tf.zeros([1, 10, 10, 1]);
  });
  Object.assign(batches, { size: 8000 });
  await assert.rejects(
    predict(model, batches as never, { verbose: 0 }),
    /rows of all samples, \[500, 500, 1\] each, would take more than 4\.29 GB/,
  );
  model.dispose();
});

it("a layer with more weights than fit is named when it is built", () => {
  const before = tf.memory().numTensors;
  for (const [layer, name] of [
    [
      layers.conv2d({ filters: 1e9, kernelSize: 3, inputShape: [180, 180, 3], name: "wide" }),
      "Conv2D",
    ],
    [layers.dense({ units: 2e9, inputShape: [100], name: "wide" }), "Dense"],
    [layers.embedding({ inputDim: 2e9, outputDim: 64, inputLength: 4, name: "wide" }), "Embedding"],
  ] as const) {
    assert.throws(
      () => tf.sequential({ layers: [layer] }),
      new RegExp(
        `layer "wide" \\(${name}\\) would have a weight "\\w+" of shape \\[.*The most here`,
      ),
    );
  }
  assert.equal(tf.memory().numTensors, before);
});
