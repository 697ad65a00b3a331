import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { before, describe, it } from "node:test";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { filterPatterns, gradCam, plot, saveModel, setSeed, tf } from "../../lib/index";
import { runPythonFile } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { largestDifference } from "../support/tensors";

function convolutions(prefix: string, inputShape: number[]) {
  return [
    tf.layers.conv2d({
      filters: 6,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      inputShape,
      name: `${prefix}_first`,
    }),
    tf.layers.batchNormalization({ name: `${prefix}_norm` }),
    tf.layers.depthwiseConv2d({
      kernelSize: 3,
      strides: 2,
      padding: "same",
      name: `${prefix}_depth`,
    }),
    tf.layers.conv2d({ filters: 8, kernelSize: 1, activation: "relu", name: `${prefix}_last` }),
  ];
}

const heads = {
  sigmoid: () => tf.layers.dense({ units: 1, activation: "sigmoid" }),
  softmax: () => tf.layers.dense({ units: 3, activation: "softmax" }),
  sigmoids: () => tf.layers.dense({ units: 3, activation: "sigmoid" }),
};

/** A Sequential; with weights of a later state than the first, so that nothing is zero by chance. */
function sequential(head: keyof typeof heads): LayersModel {
  return trained(
    tf.sequential({
      layers: [...convolutions("s", [12, 10, 3]), tf.layers.flatten(), heads[head]()],
    }),
  );
}

/** A functional model with a branch around its middle. */
function functional(head: keyof typeof heads): LayersModel {
  const input = tf.input({ shape: [12, 10, 3] });
  let x: SymbolicTensor = input;
  for (const layer of convolutions("f", [12, 10, 3])) x = layer.apply(x) as SymbolicTensor;
  const around = tf.layers.conv2d({ filters: 8, kernelSize: 2, strides: 2, name: "f_around" });
  x = tf.layers.add().apply([x, around.apply(input) as SymbolicTensor]) as SymbolicTensor;
  x = tf.layers.globalAveragePooling2d({}).apply(x) as SymbolicTensor;
  return trained(tf.model({ inputs: input, outputs: heads[head]().apply(x) as SymbolicTensor }));
}

/** A base with its layers inside, as a pretrained network is used. */
function nested(head: keyof typeof heads): LayersModel {
  const base = tf.sequential({ name: "base", layers: convolutions("n", [12, 10, 3]) });
  return trained(
    tf.sequential({
      layers: [
        base,
        tf.layers.globalAveragePooling2d({}),
        tf.layers.dense({ units: 5, activation: "relu" }),
        heads[head](),
      ],
    }),
  );
}

function trained(model: LayersModel): LayersModel {
  tf.tidy(() =>
    model.setWeights(
      model.getWeights().map((weight, i) => {
        const values = Float32Array.from(
          { length: weight.size },
          (_, j) => Math.sin(i * 7 + j) * 0.4,
        );
        const positive = weight.shape.length === 1;
        return tf.tensor(positive ? values.map((value) => value + 0.9) : values, weight.shape);
      }),
    ),
  );
  return model;
}

function image(): Tensor {
  const values = Float32Array.from({ length: 360 }, (_, i) => (Math.cos(i * 1.7) + 1) / 2);
  return tf.tensor(values, [12, 10, 3]);
}

interface Case {
  model: LayersModel;
  layer: string[];
  classIndex: number;
}

const cases: Record<string, () => Case> = {
  "sequential, sigmoid, class 1": () => ({
    model: sequential("sigmoid"),
    layer: ["s_last"],
    classIndex: 1,
  }),
  "sequential, sigmoid, an early layer": () => ({
    model: sequential("sigmoid"),
    layer: ["s_first"],
    classIndex: 1,
  }),
  "sequential, softmax": () => ({ model: sequential("softmax"), layer: ["s_norm"], classIndex: 2 }),
  "functional, softmax": () => ({
    model: functional("softmax"),
    layer: ["f_first"],
    classIndex: 0,
  }),
  "functional, sigmoid": () => ({ model: functional("sigmoid"), layer: ["f_last"], classIndex: 0 }),
  "nested, softmax": () => ({ model: nested("softmax"), layer: ["base", "n_last"], classIndex: 1 }),
  "nested, several sigmoids": () => ({
    model: nested("sigmoids"),
    layer: ["base", "n_last"],
    classIndex: 1,
  }),
  "nested, sigmoid": () => ({
    model: nested("sigmoid"),
    layer: ["base", "n_depth"],
    classIndex: 0,
  }),
};

describe("gradCam", () => {
  let expected: Record<string, number[][]>;
  before(async () => {
    using folder = temporaryFolder();
    for (const [name, make] of Object.entries(cases)) {
      const { model, layer, classIndex } = make();
      await saveModel(model, folder.join(`${name}.keras`));
      const known = { layer: layer.at(-1), classIndex, image: image().arraySync() };
      fs.writeFileSync(folder.join(`${name}.json`), JSON.stringify(known));
    }
    const script = path.join("test/explain", "gradCam.py");
    expected = JSON.parse(await runPythonFile(script, [folder.path]));
  });

  for (const [name, make] of Object.entries(cases)) {
    it(`gives Keras' map: ${name}`, () => {
      const { model, layer, classIndex } = make();
      const picture = image();
      const count = tf.memory().numTensors;
      const map = gradCam(model, picture, { layer: layer.at(-1)!, classIndex });
      assert.equal(tf.memory().numTensors - count, 1);
      assert.ok(map.max().dataSync()[0]! > 0.99);
      assert.ok(largestDifference(map, expected[name]) <= 1e-4);
    });
  }

  it("takes the last layer with an image and the class that the model decides for", () => {
    const model = nested("softmax");
    const picture = image();
    const scores = (model.predict(picture.expandDims(0)) as Tensor).dataSync();
    const classIndex = scores.indexOf(Math.max(...scores));
    const chosen = gradCam(model, picture, { layer: "n_last", classIndex });
    assert.ok(largestDifference(gradCam(model, picture.expandDims(0)), chosen.arraySync()) < 1e-6);
  });

  it("sees what a decision hung on where its probability is 1 to the last bit", () => {
    setSeed(1);
    const model = nested("sigmoid");
    const image = tf.randomUniform([12, 10, 3], 0, 1, "float32", 3);
    const dense = model.layers.at(-1)!;
    const [kernel, bias] = dense.getWeights() as [Tensor, Tensor];
    const modest = gradCam(model, image, { classIndex: 1 });
    tf.tidy(() => dense.setWeights([kernel, bias.add(60)]));
    assert.equal((model.predict(image.expandDims()) as Tensor).dataSync()[0], 1);
    const saturated = gradCam(model, image, { classIndex: 1 });
    assert.ok(modest.dataSync().some((value) => value > 0));
    assert.deepEqual(saturated.dataSync(), modest.dataSync());
  });

  it("leaves the model as it was, also after an error", () => {
    const model = sequential("sigmoid");
    const count = tf.memory().numTensors;
    assert.throws(
      () =>
        gradCam(
          model,
          tf.tidy(() => tf.zeros([2, 2])),
        ),
      /`image` must be/,
    );
    assert.ok(tf.memory().numTensors - count <= 1); // the image of this test
    gradCam(model, image()).dispose();
    for (const layer of model.layers) assert.ok(!Object.hasOwn(layer, "call"));
  });

  it("names the layers and classes there are", () => {
    const model = nested("softmax");
    const picture = image();
    assert.throws(
      () => gradCam(model, picture, { layer: "block5_conv3" }),
      new RegExp(
        "`layer` must be the name of a layer with outputs \\[batch, height, width, channels\\]: " +
          'n_first, n_norm, n_depth, n_last\\. Received: layer="block5_conv3"',
      ),
    );
    assert.throws(
      () => gradCam(model, picture, { classIndex: 3 }),
      /`classIndex` must be a whole number from 0 to 2/,
    );
    assert.throws(
      () => gradCam(model, picture, { klass: 3 } as never),
      /gradCam has no option `klass`/,
    );
    const flat = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    assert.throws(
      () => gradCam(flat, tf.zeros([3])),
      /`model` must be a model with a layer of outputs/,
    );
  });
});

describe("filterPatterns", () => {
  it("climbs to pictures that their filters answer to more than to noise, in nested models too", () => {
    setSeed(1);
    const model = nested("sigmoid");
    const count = tf.memory().numTensors;
    const pictures = filterPatterns(model, "n_last", {
      filters: [0, 3, 5],
      steps: 20,
      range: [0, 1],
    });
    assert.equal(tf.memory().numTensors - count, 1);
    assert.deepEqual(pictures.shape, [3, 12, 10, 3]);
    const values = pictures.dataSync();
    assert.ok(values.every((value) => value >= 0 && value <= 1));
    setSeed(1);
    const short = filterPatterns(model, "n_last", { filters: [0, 3, 5], steps: 1, range: [0, 1] });
    assert.ok(answers(model, pictures, [0, 3, 5]) > answers(model, short, [0, 3, 5]));
  });

  it("refuses filters that are not there", () => {
    assert.throws(
      () => filterPatterns(nested("sigmoid"), "n_last", { filters: [8] }),
      /`filters` must be whole numbers from 0 to 7, at least one/,
    );
  });
});

/** The mean answer of each picture's filter. */
function answers(model: LayersModel, pictures: Tensor, filters: number[]): number {
  const base = model.layers[0] as unknown as LayersModel;
  return tf.tidy(() => {
    const output = base.predict(pictures) as Tensor;
    const means = output.mean([1, 2]).arraySync() as number[][];
    return filters.reduce((sum, filter, i) => sum + means[i]![filter]!, 0);
  });
}

describe("plot.heatmapOverlay and plot.featureMaps", () => {
  it("draw what is inside a nested model, and free everything", async () => {
    const model = nested("softmax");
    const pictures = tf.stack([image(), image()]);
    const maps = [gradCam(model, image()), gradCam(model, image(), { layer: "n_first" })];
    const count = tf.memory().numTensors;
    const overlay = await plot.heatmapOverlay(pictures, maps, {
      title: "What it looks at",
      titles: ["a", "b"],
    });
    assert.equal(tf.memory().numTensors, count);
    assert.match(overlay.text, /What it looks at, a, b/);
    await assert.rejects(
      plot.heatmapOverlay(pictures, maps.slice(1)),
      /`heatmaps` must be one for each of 2 images/,
    );
    const features = await plot.featureMaps(model, image(), { layers: ["n_depth"] });
    assert.match(features.text, /n_depth \(None, 6, 5, 6\)/);
  });
});
