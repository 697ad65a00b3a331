import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, layers, optimizers, setSeed, tf } from "../../lib/index";

type Made = NonNullable<NonNullable<Parameters<typeof tf.sequential>[0]>["layers"]>;

/** All layers that augment pictures, in one model. */
const augmenting = (): Made => [
  layers.randomShear({ xFactor: 0.2, inputShape: [12, 12, 3] }),
  layers.randomPerspective({ factor: 0.5, scale: 0.4 }),
  layers.randomElasticTransform(),
  layers.pipeline({
    layers: [layers.randomHue({ factor: 0.1 }), layers.randomSaturation({ factor: [0.3, 0.8] })],
  }),
  layers.randomColorJitter({ brightnessFactor: 0.1, contrastFactor: 0.2 }),
  layers.randomColorDegeneration({ factor: 0.4 }),
  layers.randomPosterization({ factor: [4, 8] }),
  layers.randomGrayscale({ factor: 0.3 }),
  layers.randomInvert({ factor: 0.3 }),
  layers.solarization({ thresholdFactor: [0.5, 0.9] }),
  layers.randomSharpness({ factor: 0.8 }),
  layers.randomGaussianBlur(),
  layers.autoContrast(),
  layers.contrastLimitedAdaptiveHistogramEqualization({ tileGridSize: [3, 3] }),
  layers.equalization(),
  layers.randAugment({ numOps: 1 }),
  layers.augMix({ numChains: 1, chainDepth: 1, allOps: false }),
  layers.randomErasing(),
  layers.cutMix(),
  layers.mixUp(),
  tf.layers.flatten(),
  tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: "zeros" }),
];

/** A model, trained for 3 epochs of 5, 5 and 3 images. */
async function train(engine: "graph" | "eager", made = everyKind): Promise<number[]> {
  setSeed(1);
  const model = tf.sequential({ layers: made() });
  const optimizer = optimizers.sgd();
  model.compile({ optimizer, loss: "binaryCrossentropy" });
  const images = tf.randomUniform([13, 12, 12, 3], 0, 255, "float32", 1);
  const labels = tf.tidy(() => tf.round(tf.randomUniform([13, 1], 0, 1, "float32", 2)));
  const options = { epochs: 3, batchSize: 5, shuffle: false, verbose: 0 as const, engine };
  const { history } = await fit(model, [images, labels], options);
  tf.dispose([images, labels]);
  model.dispose();
  optimizer.dispose();
  return history.loss!;
}

/** Layers of every other kind in the room. */
function everyKind(): Made {
  const kernelInitializer = tf.initializers.constant({ value: 0.05 });
  return [
    layers.randomFlip({ mode: "horizontal", inputShape: [12, 12, 3] }),
    layers.randomRotation({ factor: 0.1 }),
    layers.randomZoom({ heightFactor: 0.2 }),
    layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
    layers.randomContrast({ factor: 0.2 }),
    layers.randomBrightness({ factor: 0.2 }),
    layers.randomCrop({ height: 10, width: 10, seed: 4 }),
    layers.resizing({ height: 8, width: 8 }),
    layers.rescaling({ scale: 1 / 255 }),
    layers.normalization({ mean: [0.5, 0.4, 0.3], variance: [0.2, 0.2, 0.1] }),
    tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu", kernelInitializer }),
    layers.randomFlip({ seed: 2 }), // behind weights, so that gradients go through
    layers.randomRotation({ factor: 0.2, seed: 3 }),
    layers.centerCrop({ height: 4, width: 4 }),
    layers.spatialDropout2d({ rate: 0.2 }),
    tf.layers.flatten(),
    layers.gaussianNoise({ stddev: 0.1 }),
    layers.gaussianDropout({ rate: 0.2 }),
    layers.alphaDropout({ rate: 0.2 }),
    layers.dropout({ rate: 0.5 }),
    tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer }),
  ];
}

test("every layer compiles, and draws the same numbers in a graph as eagerly", async () => {
  const before = tf.memory().numTensors;
  const [eager, graph] = [await train("eager"), await train("graph")];
  for (const [i, loss] of eager.entries()) {
    assert.ok(Math.abs(graph[i]! - loss) < 1e-5, `${graph} and ${eager}`);
  }
  assert.notEqual(eager[0], eager[1]);
  assert.equal(tf.memory().numTensors, before);
});

test("layers of augmentation compile, and draw the same numbers in a graph as eagerly", async () => {
  const before = tf.memory().numTensors;
  const [eager, graph] = [await train("eager", augmenting), await train("graph", augmenting)];
  for (const [i, loss] of eager.entries()) {
    assert.ok(Math.abs(graph[i]! - loss) < 1e-3 * loss, `${graph} and ${eager}`);
  }
  assert.notEqual(eager[1], eager[2]);
  assert.equal(tf.memory().numTensors, before);
});
