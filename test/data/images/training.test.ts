import assert from "node:assert/strict";
import fs from "node:fs";
import { describe, it } from "node:test";
import sharp from "sharp";
import { evaluate, fit, imageDatasetFromDirectory, tf } from "../../../lib/index";
import { temporaryFolder } from "../../support/temporaryFolder";

/** Ten dark and ten light pictures, in two class folders. */
async function drawGreys(folder: ReturnType<typeof temporaryFolder>): Promise<void> {
  for (const name of ["dark", "light"]) {
    fs.mkdirSync(folder.join(name));
    for (let i = 0; i < 10; i++) {
      const grey = (name === "dark" ? 40 : 200) + i;
      const background = { r: grey, g: grey, b: grey };
      await sharp({ create: { width: 12, height: 9, channels: 3, background } })
        .jpeg()
        .toFile(folder.join(name, `${i}.jpg`));
    }
  }
}

function classifier() {
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [6, 6, 3] }),
      tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: "zeros" }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(1e-6), loss: "binaryCrossentropy" });
  return model;
}

describe("fit and evaluate", () => {
  it("train on a split of a folder of images, and leave no tensor behind", async () => {
    using folder = temporaryFolder();
    await drawGreys(folder);
    const [training, validation] = await imageDatasetFromDirectory(folder.path, {
      imageSize: 6,
      batchSize: 4,
      labelMode: "binary",
      validationSplit: 0.3,
      subset: "both",
      seed: 1,
      cache: true,
      verbose: 0,
    });
    const model = classifier();
    await fit(model, training, { epochs: 1, verbose: 0 }); // makes what the optimizer keeps
    const before = tf.memory().numTensors;
    await fit(model, training, { epochs: 3, validationData: validation, verbose: 0 });
    const { loss } = await evaluate(model, validation, { verbose: 0 });
    const { value } = await (await training.iterator()).next();
    value.xs.dataSync().fill(-1);
    const least = Math.min(...value.xs.dataSync());
    assert.ok(least >= 0, "nobody writes to a batch's memory, after training either");
    tf.dispose(value);
    assert.equal(tf.memory().numTensors, before);
    assert.ok(loss < Math.LN2 - 0.05, `the loss falls from ln 2 to ${loss}`);
  });

  it("take images from the cache as they are kept, and compute what tensors of them give", async () => {
    using folder = temporaryFolder();
    await drawGreys(folder);
    const options = { imageSize: 6, batchSize: 4, labelMode: "binary", seed: 1 } as const;
    const losses = async (use: { engine: "graph" | "eager"; tensors: boolean }) => {
      const cached = await imageDatasetFromDirectory(folder.path, {
        ...options,
        cache: true,
        verbose: 0,
      });
      const model = classifier();
      const data = use.tensors ? cached.map((batch) => batch) : cached;
      const { history } = await fit(model, data, { epochs: 3, verbose: 0, engine: use.engine });
      model.dispose();
      return history.loss!;
    };
    const expected = await losses({ engine: "graph", tensors: true });
    assert.ok(expected[2]! < expected[0]!);
    assert.deepEqual(await losses({ engine: "graph", tensors: false }), expected);
    const eager = await losses({ engine: "eager", tensors: false });
    eager.forEach((loss, i) => {
      assert.ok(Math.abs(loss - expected[i]!) < 1e-5, `${loss} ${expected[i]}`);
    });
  });

  it("make no tensors of a dataset's images where the step is compiled", async () => {
    using folder = temporaryFolder();
    await drawGreys(folder);
    const images = await imageDatasetFromDirectory(folder.path, {
      imageSize: 6,
      batchSize: 4,
      labelMode: "binary",
      verbose: 0,
    });
    const model = classifier();
    await fit(model, images, { verbose: 0, engine: "graph" }); // makes what the optimizer keeps
    const before = tf.memory().numTensors;
    const counts = new Set<number>();
    const callbacks = {
      onlyReadsLogs: true,
      onTrainBatchBegin: () => counts.add(tf.memory().numTensors),
      onTrainBatchEnd: () => counts.add(tf.memory().numTensors),
    };
    await fit(model, images, { verbose: 0, engine: "graph", callbacks });
    assert.deepEqual([...counts], [before]);
    model.dispose();
  });
});
