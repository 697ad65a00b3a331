import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../lib/index";
import type { RandomLayer } from "../../lib/layers";
import * as layers from "../../lib/layers/public";
import { leavesNoTensors } from "../support/tensors";

const training = { training: true };
const numbers = (x: Tensor) => Array.from(x.dataSync());

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
const deviation = (x: number[]) => {
  const center = mean(x);
  return Math.sqrt(mean(x.map((value) => (value - center) ** 2)));
};
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
    const centers = [mean(w), mean(h)] as const;
    const products = w.map((value, i) => (value - centers[0]) * (h[i]! - centers[1]));
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
    const of = (layer: RandomLayer, x: Tensor) => numbers(layer.apply(x, training) as Tensor);
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
    const features = layers.spatialDropout1d({ rate: 0.5, seed: 1 });
    const totals = numbers(tf.sum(features.apply(tf.ones([5, 4, 20]), training) as Tensor, 1));
    assert.ok(totals.every((sum) => sum === 0 || sum === 8));
    assert.ok(totals.includes(0) && totals.includes(8));
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
