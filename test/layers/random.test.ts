import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError, setSeed, tf } from "../../lib/index";
import type { RandomLayer } from "../../lib/layers";
import * as layers from "../../lib/layers/public";
import { type Constant, constantsOf } from "../support/constants";
import { leavesNoTensors, patternedImages } from "../support/tensors";

/** Every layer that is random while training, made afresh. */
type Make = (seed?: number, inputShape?: number[]) => RandomLayer;
const randomLayers: Record<string, Make> = {
  randomFlip: (seed, inputShape) => layers.randomFlip({ seed, inputShape }),
  randomRotation: (seed, inputShape) => layers.randomRotation({ factor: 0.1, seed, inputShape }),
  randomZoom: (seed, inputShape) =>
    layers.randomZoom({ heightFactor: 0.2, widthFactor: 0.3, seed, inputShape }),
  dropout: (seed, inputShape) => layers.dropout({ rate: 0.4, seed, inputShape }),
  randomTranslation: (seed, inputShape) =>
    layers.randomTranslation({ heightFactor: 0.2, widthFactor: [0, 0.4], seed, inputShape }),
  randomContrast: (seed, inputShape) => layers.randomContrast({ factor: 0.8, seed, inputShape }),
  randomBrightness: (seed, inputShape) =>
    layers.randomBrightness({ factor: 0.5, seed, inputShape }),
  randomCrop: (seed, inputShape) => layers.randomCrop({ height: 4, width: 3, seed, inputShape }),
  gaussianNoise: (seed, inputShape) => layers.gaussianNoise({ stddev: 1, seed, inputShape }),
  gaussianDropout: (seed, inputShape) => layers.gaussianDropout({ rate: 0.3, seed, inputShape }),
  alphaDropout: (seed, inputShape) => layers.alphaDropout({ rate: 0.3, seed, inputShape }),
  spatialDropout2d: (seed, inputShape) => layers.spatialDropout2d({ rate: 0.5, seed, inputShape }),
  solarization: (seed, inputShape) =>
    layers.solarization({ additionFactor: 0.5, thresholdFactor: [0.3, 0.9], seed, inputShape }),
  randomPosterization: (seed, inputShape) =>
    layers.randomPosterization({ factor: [1, 7], seed, inputShape }),
  randomGrayscale: (seed, inputShape) => layers.randomGrayscale({ seed, inputShape }),
  randomInvert: (seed, inputShape) => layers.randomInvert({ seed, inputShape }),
  randomColorDegeneration: (seed, inputShape) =>
    layers.randomColorDegeneration({ factor: 0.9, seed, inputShape }),
  randomHue: (seed, inputShape) => layers.randomHue({ factor: 0.5, seed, inputShape }),
  randomSaturation: (seed, inputShape) =>
    layers.randomSaturation({ factor: [0.1, 0.7], seed, inputShape }),
  randomColorJitter: (seed, inputShape) =>
    layers.randomColorJitter({ brightnessFactor: 0.2, contrastFactor: 0.5, seed, inputShape }),
  randomGaussianBlur: (seed, inputShape) => layers.randomGaussianBlur({ seed, inputShape }),
  randomSharpness: (seed, inputShape) => layers.randomSharpness({ factor: 1, seed, inputShape }),
  randomErasing: (seed, inputShape) => layers.randomErasing({ seed, inputShape }),
  randomShear: (seed, inputShape) =>
    layers.randomShear({ xFactor: 0.3, yFactor: 0.4, seed, inputShape }),
  randomPerspective: (seed, inputShape) => layers.randomPerspective({ seed, inputShape }),
  mixUp: (seed, inputShape) => layers.mixUp({ alpha: 1, seed, inputShape }),
  cutMix: (seed, inputShape) => layers.cutMix({ factor: [1, 1], seed, inputShape }),
  randAugment: (seed, inputShape) => layers.randAugment({ numOps: 3, seed, inputShape }),
  augMix: (seed, inputShape) => layers.augMix({ numChains: 2, chainDepth: 2, seed, inputShape }),
};
/** TensorFlow gives their kernels no gradient, or one of 0. */
const unlearnt = ["randomPosterization", "randomHue", "randomSaturation"];
const training = { training: true };
const pixels = patternedImages([6, 8, 9, 3]);
const numbers = (x: Tensor) => Array.from(x.dataSync());

for (const [name, make] of Object.entries(randomLayers)) {
  test(`${name}() is the identity at inference and leaves no tensors`, () => {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const images = tf.tensor4d(pixels);
        const layer = make(3);
        assert.deepEqual(numbers(layer.apply(images) as Tensor), numbers(images));
        const output = layer.apply(images, training) as Tensor;
        assert.notDeepEqual(numbers(output), numbers(images));
        const [, ...imageShape] = output.shape;
        assert.deepEqual(layer.computeOutputShape([null, 8, 9, 3]), [null, ...imageShape]);
      }),
    );
  });

  test(`${name}() repeats with the same seed, differs from call to call and from seed to seed`, () => {
    tf.tidy(() => {
      const images = tf.tensor4d(pixels);
      const run = (layer: RandomLayer) =>
        [1, 2].map(() => numbers(layer.apply(images, training) as Tensor));
      const [first, second] = run(make(7));
      assert.notDeepEqual(first, second);
      assert.deepEqual(run(make(7)), [first, second]);
      assert.notDeepEqual(run(make(8))[0], first);
    });
  });

  test(`${name}() without a seed repeats after setSeed(), and two of them differ`, () => {
    tf.tidy(() => {
      const images = tf.tensor4d(pixels);
      const run = () => {
        setSeed(5);
        return [make(), make()].map((layer) => numbers(layer.apply(images, training) as Tensor));
      };
      const [one, other] = run();
      assert.deepEqual(run(), [one, other]);
      assert.notDeepEqual(one, other);
    });
  });

  test(`${name}() lets gradients through while training`, () => {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const layer = make(3);
        const loss = (x: Tensor) => tf.sum(tf.square(layer.apply(x, training) as Tensor));
        const gradient = tf.grad(loss)(tf.tensor4d(pixels));
        const isLearnt = numbers(gradient).some((value) => value > 100);
        assert.equal(isLearnt, !unlearnt.includes(name));
      }),
    );
  });

  test(`${name}() comes back from JSON, in a nested model, with the same draws`, async () => {
    const inner = tf.sequential({ layers: [make(11, [8, 9, 3])], name: "augmentation" });
    const model = tf.sequential({
      layers: [tf.layers.inputLayer({ inputShape: [8, 9, 3] }), inner],
    });
    const copy = await tf.models.modelFromJSON(JSON.parse(model.toJSON() as string));
    leavesNoTensors(() =>
      tf.tidy(() => {
        const images = tf.tensor4d(pixels);
        const [mine, its] = [model, copy].map((m) => m.apply(images, training) as Tensor);
        assert.deepEqual(numbers(its!), numbers(mine!));
        assert.notDeepEqual(numbers(its!), numbers(images));
        assert.deepEqual(numbers(copy.predict(images) as Tensor), numbers(images));
      }),
    );
    const names = [model, copy].map((m) =>
      (m.layers.at(-1) as typeof inner).layers[0]!.getConfig(),
    );
    assert.deepEqual(names[1], names[0]);
  });
}

test("layers work in a functional model that trains, and leave no tensors behind", async () => {
  const input = tf.input({ shape: [8, 9, 3] });
  let x = input;
  for (const [name, make] of Object.entries(randomLayers)) {
    if (!["dropout", "randomCrop"].includes(name)) x = make(1).apply(x) as typeof input;
  }
  x = tf.layers.flatten().apply(x) as typeof input;
  x = layers.dropout({ rate: 0.5 }).apply(x) as typeof input;
  const output = tf.layers.dense({ units: 1 }).apply(x) as typeof input;
  const model = tf.model({ inputs: input, outputs: output });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const images = tf.tensor4d(pixels).div(255);
  const labels = tf.ones([6, 1]);
  await model.trainOnBatch(images, labels); // makes the optimizer's own tensors
  const before = tf.memory().numTensors;
  await model.trainOnBatch(images, labels);
  assert.equal(tf.memory().numTensors, before);
  tf.dispose([images, labels]);
  model.dispose();
});

for (const [name, make] of Object.entries(randomLayers)) {
  test(`${name}() hands TensorFlow nothing from JavaScript but shapes, keys and its settings`, () => {
    const layer = make(9);
    const [two, three, five] = [2, 3, 5].map((batch) => {
      layer.keys.reset(9);
      const images = tf.tidy(() => tf.add(tf.ones([batch, 8, 9, 3]), 1)); // on TensorFlow already
      const made = constantsOf(() => tf.tidy(() => void layer.apply(images, training)));
      images.dispose();
      return made;
    }) as [Constant[], Constant[], Constant[]];
    assert.equal(two.length, three.length);
    for (const [i, { shape, values }] of two.entries()) {
      assert.deepEqual([three[i]!.shape, five[i]!.shape], [shape, shape]);
      for (const [k, value] of values.entries()) {
        const others = [three[i]!.values[k]!, five[i]!.values[k]!];
        const isBatchSize = value === 2 && others[0] === 3 && others[1] === 5;
        assert.ok(isBatchSize || others.every((other) => other === value), `constant ${i}`);
      }
    }
  });
}

test("one image without a batch is changed too", () => {
  tf.tidy(() => {
    const image = tf.tensor4d(pixels).slice([0], [1]).squeeze([0]);
    const turned = layers.randomRotation({ factor: 0.1 }).apply(image, training) as Tensor;
    assert.deepEqual(turned.shape, [8, 9, 3]);
  });
});

test("images of whole numbers come out as float32, at inference too", () => {
  tf.tidy(() => {
    const images = tf.tensor4d(pixels, undefined, "int32");
    for (const options of [training, { training: false }]) {
      const flipped = layers.randomFlip().apply(images, options) as Tensor;
      assert.equal(flipped.dtype, "float32");
    }
  });
});

test("layers refuse what Keras refuses, naming the argument", () => {
  const refused: [() => unknown, RegExp][] = [
    [() => layers.dropout({ rate: 1.5 }), /`rate` must be a number in \[0, 1\]/],
    [
      () => layers.dropout({ rate: 0.5, noiseShape: [0] }),
      /`noiseShape` must be a list of positive whole numbers and null/,
    ],
    [() => layers.randomRotation({ factor: 2 }), /`factor` must be .*\[-1, 1\]/],
    [() => layers.randomZoom({ heightFactor: -1 }), /`heightFactor` must be .*\(-1, 1\]/],
    // @ts-expect-error an unknown mode
    [() => layers.randomFlip({ mode: "diagonal" }), /`mode` must be one of "horizontal"/],
    // @ts-expect-error an unknown fill mode
    [() => layers.randomRotation({ factor: 0.1, fillMode: "mirror" }), /`fillMode` must be/],
    // @ts-expect-error a typing error
    [() => layers.randomFlip({ modes: "horizontal" }), /has no option `modes`/],
    [() => layers.randomContrast({ factor: -0.1 }), /`factor` must be .*\[0, 1\]/],
    [
      () => layers.randomBrightness({ factor: 0.1, valueRange: [1, 1] }),
      /`valueRange` must be two different numbers/,
    ],
    [() => layers.randomCrop({ height: 0, width: 1 }), /`height` must be a positive whole number/],
    [() => layers.gaussianDropout({ rate: 1 }), /`rate` must be a number in \[0, 1\)/],
    [
      () =>
        layers.resizing({ height: 1, width: 1, cropToAspectRatio: true, padToAspectRatio: true }),
      /Only one of `cropToAspectRatio`/,
    ],
    [() => layers.normalization({ mean: 1 }), /`mean` and `variance` must be given together/],
    [() => layers.randomFlip({ seed: 0.5 }), /`seed` must be a whole number/],
  ];
  for (const [make, message] of refused) {
    assert.throws(make, (error: Error) => {
      assert.ok(error instanceof InvalidArgumentError);
      assert.match(error.message, message);
      return true;
    });
  }
});
