import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError, setSeed, tf } from "../../lib";
import * as layers from "../../lib/layers";
import { type Constant, constantsOf } from "../support/constants";
import { leavesNoTensors, patternedImages } from "../support/tensors";

/** Every layer that is random while training, made afresh. */
type Make = (seed?: number, inputShape?: number[]) => layers.RandomLayer;
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
};
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
      const run = (layer: layers.RandomLayer) =>
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
        assert.ok(numbers(gradient).some((value) => value > 100));
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

/** `count` images of `[height, width]` whose pixel holds its own column or row. */
function ramp(count: number, [height, width]: [number, number], along: "x" | "y"): Tensor4D {
  const line = tf.range(0, along === "x" ? width : height);
  return tf.tile(tf.reshape(line, along === "x" ? [1, 1, width, 1] : [1, height, 1, 1]), [
    count,
    along === "x" ? height : 1,
    along === "x" ? 1 : width,
    1,
  ]) as Tensor4D;
}

const mean = (x: number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
const deviation = (x: number[]) => Math.sqrt(mean(x.map((value) => (value - mean(x)) ** 2)));
/** Asserts that numbers look uniform in [lower, upper]: range, mean and deviation. */
function assertUniform(x: number[], lower: number, upper: number): void {
  const span = upper - lower;
  assert.ok(Math.min(...x) >= lower - 1e-3 * span && Math.max(...x) <= upper + 1e-3 * span);
  assert.ok(Math.min(...x) < lower + 0.02 * span && Math.max(...x) > upper - 0.02 * span);
  assert.ok(Math.abs(mean(x) - (lower + upper) / 2) < 0.03 * span, `mean ${mean(x)}`);
  assert.ok(Math.abs(deviation(x) - span / Math.sqrt(12)) < 0.02 * span);
}

test("randomFlip() flips about half of the images, each by itself", () => {
  tf.tidy(() => {
    const images = ramp(1000, [1, 2], "x");
    const flipped = layers.randomFlip({ mode: "horizontal", seed: 1 }).apply(images, training);
    const firsts = numbers((flipped as Tensor4D).slice([0, 0, 0, 0], [1000, 1, 1, 1]));
    assert.ok(Math.abs(mean(firsts) - 0.5) < 0.05, `${mean(firsts)}`);
  });
});

test("randomRotation({ factor: 0.1 }) turns by angles uniform in ±36 degrees", () => {
  tf.tidy(() => {
    const [x, y] = ["x", "y"].map((along) => {
      const layer = layers.randomRotation({ factor: 0.1, fillMode: "nearest", seed: 4 });
      const turned = layer.apply(ramp(2000, [11, 11], along as "x" | "y"), training) as Tensor4D;
      return numbers(turned.slice([0, 5, 8, 0], [2000, 1, 1, 1]));
    });
    // The pixel 3 to the right of the centre comes from (3 cos, 3 sin) off the centre.
    const angles = x!.map((at, i) => (Math.atan2(y![i]! - 5, at - 5) * 180) / Math.PI);
    assertUniform(angles, -36, 36);
  });
});

test("randomZoom() draws height and width factors of their own, uniform in their ranges", () => {
  tf.tidy(() => {
    const factors = (["x", "y"] as const).map((along) => {
      const layer = layers.randomZoom({ heightFactor: [0, 0.3], widthFactor: 0.2, seed: 4 });
      const zoomed = layer.apply(ramp(2000, [21, 21], along), training) as Tensor4D;
      return numbers(zoomed.slice([0, 15, 15, 0], [2000, 1, 1, 1])).map((at) => (at - 10) / 5);
    });
    assertUniform(factors[0]!, 0.8, 1.2);
    assertUniform(factors[1]!, 1, 1.3);
    const [w, h] = factors as [number[], number[]];
    const products = w.map((value, i) => (value - mean(w)) * (h[i]! - mean(h)));
    assert.ok(Math.abs(mean(products) / (deviation(w) * deviation(h))) < 0.06);
  });
});

test("randomTranslation() shifts by distances uniform in their ranges, along each axis", () => {
  tf.tidy(() => {
    const shifts = (["x", "y"] as const).map((along) => {
      const heightFactor: [number, number] = [-0.1, 0.2];
      const layer = layers.randomTranslation({ heightFactor, widthFactor: 0.3, seed: 4 });
      const moved = layer.apply(ramp(2000, [20, 20], along), training) as Tensor4D;
      return numbers(moved.slice([0, 9, 9, 0], [2000, 1, 1, 1])).map((at) => (9 - at) / 20);
    });
    assertUniform(shifts[0]!, -0.3, 0.3);
    assertUniform(shifts[1]!, -0.1, 0.2);
  });
});

test("randomBrightness() and randomContrast() draw from Keras' ranges and clip", () => {
  tf.tidy(() => {
    const grey = tf.fill([2000, 1, 1, 1], 100);
    const bright = layers.randomBrightness({ factor: [-0.1, 0.3], valueRange: [0, 200], seed: 1 });
    assertUniform(numbers(bright.apply(grey, training) as Tensor), 80, 160);
    const two = tf.tile(tf.tensor4d([90, 110], [1, 1, 2, 1]), [2000, 1, 1, 1]);
    const spread = (factor: number | [number, number]) => {
      const layer = layers.randomContrast({ factor, seed: 1 });
      const first = (layer.apply(two, training) as Tensor4D).slice([0, 0, 0, 0], [2000, 1, 1, 1]);
      return numbers(first).map((value) => (100 - value) / 10);
    };
    assertUniform(spread([0.2, 0.5]), 0.8, 1.5);
    assertUniform(spread(0.5), 1, 1.5);
    const full = layers.randomBrightness({ factor: [1, 1] });
    assert.deepEqual(numbers(full.apply(grey.slice([0], [1]), training) as Tensor), [255]);
  });
});

test("randomCrop() cuts at every place about equally often, one place for a batch", () => {
  const layer = layers.randomCrop({ height: 2, width: 3, seed: 1 });
  const counts = new Map<string, number>();
  tf.tidy(() => {
    const images = tf.stack([tf.range(0, 20), tf.range(100, 120)]).reshape([2, 4, 5, 1]);
    for (let i = 0; i < 900; i++) {
      tf.tidy(() => {
        const [first, second] = tf.unstack(layer.apply(images, training) as Tensor).map(numbers);
        assert.deepEqual(
          second,
          first!.map((value) => value + 100),
        );
        counts.set(String(first![0]), (counts.get(String(first![0])) ?? 0) + 1);
      });
    }
  });
  assert.deepEqual(
    [...counts.keys()].map(Number).sort((a, b) => a - b),
    [0, 1, 2, 5, 6, 7, 10, 11, 12],
  );
  for (const count of counts.values()) assert.ok(count > 60 && count < 140, `${count}`);
});

test("noise layers have Keras' mean and deviation", () => {
  tf.tidy(() => {
    const ones = tf.ones([40000]);
    const of = (layer: layers.RandomLayer, x: Tensor) =>
      numbers(layer.apply(x, training) as Tensor);
    const near = (x: number[], [center, spread]: [number, number]) => {
      assert.ok(Math.abs(mean(x) - center) < 0.02, `mean ${mean(x)}`);
      assert.ok(Math.abs(deviation(x) - spread) < 0.02, `deviation ${deviation(x)}`);
    };
    near(of(layers.gaussianNoise({ stddev: 0.5, seed: 1 }), ones), [1, 0.5]);
    near(of(layers.gaussianDropout({ rate: 0.2, seed: 1 }), ones), [1, 0.5]);
    const normal = tf.randomNormal([40000], 0, 1, "float32", 3);
    near(of(layers.alphaDropout({ rate: 0.3, seed: 1 }), normal), [0, 1]);
  });
});

test("dropout() zeroes its rate, scales the rest, and its gradient is the mask", () => {
  leavesNoTensors(() =>
    tf.tidy(() => {
      const layer = layers.dropout({ rate: 0.3, seed: 2 });
      const ones = tf.ones([100, 100]);
      const output = numbers(layer.apply(ones, training) as Tensor);
      const scale = 1 / 0.7;
      assert.ok(output.every((value) => value === 0 || Math.abs(value - scale) < 1e-6));
      const dropped = output.filter((value) => value === 0).length / output.length;
      assert.ok(Math.abs(dropped - 0.3) < 0.02, `${dropped}`);
      layer.keys.reset(2);
      const gradient = tf.grad((x) => tf.sum(layer.apply(x, training) as Tensor))(ones);
      assert.deepEqual(numbers(gradient), output);
    }),
  );
});

test("dropout() shares its mask where noiseShape says so; spatial dropout drops whole maps", () => {
  tf.tidy(() => {
    const shared = layers.dropout({ rate: 0.5, noiseShape: [null, 1, null], seed: 1 });
    const steps = shared.apply(tf.ones([3, 4, 50]), training) as Tensor;
    const [first, ...rest] = tf.unstack(steps, 1).map(numbers);
    for (const step of rest) assert.deepEqual(step, first);
    const maps = layers.spatialDropout2d({ rate: 0.5, seed: 1 });
    const sums = numbers(tf.sum(maps.apply(tf.ones([5, 4, 4, 20]), training) as Tensor, [1, 2]));
    assert.ok(sums.every((sum) => sum === 0 || sum === 32));
    assert.ok(sums.includes(0) && sums.includes(32));
  });
});

test("dropout() of rate 0 changes nothing, of rate 1 leaves nothing", () => {
  tf.tidy(() => {
    const x = tf.ones([2, 3]);
    const of = (rate: number) => numbers(layers.dropout({ rate }).apply(x, training) as Tensor);
    assert.deepEqual(of(0), [1, 1, 1, 1, 1, 1]);
    assert.deepEqual(of(1), [0, 0, 0, 0, 0, 0]);
  });
});

test("layers refuse what Keras refuses, naming the argument", () => {
  const refused: [() => unknown, RegExp][] = [
    [() => layers.dropout({ rate: 1.5 }), /`rate` must be a number in \[0, 1\]/],
    [() => layers.dropout({ rate: 0.5, noiseShape: [0] }), /`noiseShape` must be/],
    [() => layers.randomRotation({ factor: 2 }), /`factor` must be .*\[-1, 1\]/],
    [() => layers.randomZoom({ heightFactor: -1 }), /`heightFactor` must be .*\(-1, 1\]/],
    // @ts-expect-error an unknown mode
    [() => layers.randomFlip({ mode: "diagonal" }), /`mode` must be one of "horizontal"/],
    // @ts-expect-error an unknown fill mode
    [() => layers.randomRotation({ factor: 0.1, fillMode: "mirror" }), /`fillMode` must be/],
    // @ts-expect-error a typing error
    [() => layers.randomFlip({ modes: "horizontal" }), /has no option `modes`/],
    [() => layers.randomContrast({ factor: -0.1 }), /`factor` must be .*\[0, 1\]/],
    [() => layers.randomBrightness({ factor: 0.1, valueRange: [1, 1] }), /`valueRange` must be/],
    [() => layers.randomCrop({ height: 0, width: 1 }), /`height` must be a positive integer/],
    [() => layers.gaussianDropout({ rate: 1 }), /`rate` must be a number in \[0, 1\)/],
    [
      () =>
        layers.resizing({ height: 1, width: 1, cropToAspectRatio: true, padToAspectRatio: true }),
      /Only one of `cropToAspectRatio`/,
    ],
    [() => layers.normalization({ mean: 1 }), /`mean` and `variance` must be given together/],
    [() => layers.randomFlip({ seed: 0.5 }), /`seed` must be an integer/],
  ];
  for (const [make, message] of refused) {
    assert.throws(make, (error: Error) => {
      assert.ok(error instanceof InvalidArgumentError);
      assert.match(error.message, message);
      return true;
    });
  }
});
