import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { layers, tf } from "../../lib/index";
import { joiningMoves, keySourcesOf } from "../../lib/layers";
import { movePixels } from "../../lib/layers/moves";

test("moves in a row are one sampling where they are joined, at the place where they lead together", () => {
  const tensors = tf.memory().numTensors;
  const size = [2, 6, 9, 2] as const;
  // Brightness grows evenly, so that interpolation is exact however often it is done.
  const slope = Float32Array.from(
    { length: 2 * 6 * 9 * 2 },
    (_, i) => 5 * ((i >> 1) % 9) + 2 * (Math.floor(i / 18) % 6),
  );
  const sampling = { fillMode: "constant", interpolation: "bilinear", fillValue: 0 } as const;
  const run = (moving: (images: Tensor4D) => Tensor) =>
    tf.tidy(() => moving(tf.tensor4d(slope, [...size])).dataSync());
  const moveTwice = (images: Tensor4D) => {
    const turns = tf.tensor2d([
      [0.98, 0.05, 0.1, -0.04, 0.97, 0.3, 0, 0],
      [1, 0, 0.5, 0, 1, -0.25, 0, 0],
    ]);
    const zooms = tf.tensor2d([
      [0.6, 0, 1.4, 0, 0.5, 1.2, 0, 0],
      [0.5, 0, 2, 0, 0.5, 1, 0, 0],
    ]);
    return movePixels(movePixels(images, turns, sampling) as Tensor4D, zooms, sampling);
  };
  const [apart, joined] = [run(moveTwice), run((images) => joiningMoves(() => moveTwice(images)))];
  for (const [i, value] of joined.entries()) {
    assert.ok(Math.abs(value - apart[i]!) < 1e-4, `${i}: ${value}, ${apart[i]}`);
  }
  assert.equal(tf.memory().numTensors, tensors);
});

test("a flip joined to a zoom gives the zoom of the flipped images, to the last thousandth", () => {
  const tensors = tf.memory().numTensors;
  for (const mode of ["horizontal", "vertical", "horizontalAndVertical"] as const) {
    const flip = layers.randomFlip({ mode, seed: 5 });
    const zoom = layers.randomZoom({ heightFactor: 0.3, seed: 6 });
    const images = tf.randomUniform([8, 9, 6, 3], 0, 255, "float32", 7);
    const apply = () => {
      for (const { keys, seed } of [
        { keys: keySourcesOf(flip)[0]!, seed: 5 },
        { keys: keySourcesOf(zoom)[0]!, seed: 6 },
      ]) {
        keys.reset(seed);
      }
      return tf.tidy(() => {
        const flipped = flip.apply(images, { training: true }) as Tensor;
        return (zoom.apply(flipped, { training: true }) as Tensor).dataSync();
      });
    };
    const [apart, joined] = [apply(), joiningMoves(apply)];
    for (const [i, value] of joined.entries()) {
      assert.ok(Math.abs(value - apart[i]!) < 2e-3, `${mode} ${i}: ${value}, ${apart[i]}`);
    }
    images.dispose();
  }
  assert.equal(tf.memory().numTensors, tensors);
});

test("moves stay apart where the pixels between them are found in another way", () => {
  const images = tf.randomUniform([2, 6, 9, 2], 0, 255, "float32", 7) as Tensor4D;
  const bilinear = { fillMode: "reflect", interpolation: "bilinear", fillValue: 0 } as const;
  for (const second of [
    { ...bilinear, fillMode: "wrap" as const },
    { ...bilinear, interpolation: "nearest" as const },
  ]) {
    const move = () =>
      tf.tidy(() => {
        const transforms = tf.tensor2d([
          [0.9, 0.2, 0.3, -0.2, 0.9, 0.7, 0, 0],
          [1, 0, 0.5, 0, 1, -0.25, 0, 0],
        ]);
        const once = movePixels(images, transforms, bilinear) as Tensor4D;
        return movePixels(once, transforms, second).dataSync();
      });
    assert.deepEqual(joiningMoves(move), move());
  }
  images.dispose();
});
