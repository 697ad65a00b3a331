/** Small helpers for tests that compare tensors. */
import assert from "node:assert/strict";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../lib/index";

/** Runs `body` and asserts that it leaves exactly as many tensors as it found. */
export function leavesNoTensors<T>(body: () => T): T {
  const before = tf.memory().numTensors;
  const result = body();
  assert.equal(tf.memory().numTensors - before, 0, "tensors left behind");
  return result;
}

/** Largest absolute difference between a tensor and numbers of any nesting. */
export function largestDifference(actual: Tensor, expected: unknown): number {
  const wanted = [expected].flat(8) as number[];
  const found = Array.from(actual.dataSync());
  assert.equal(found.length, wanted.length, "number of elements");
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
}

/** Images whose pixels are all different: `[batch, height, width, channels]` in [0, 255). */
export function patternedImages(shape: [number, number, number, number]): number[][][][] {
  const [batch, height, width, channels] = shape;
  let i = 0;
  const list = <T>(length: number, item: () => T): T[] => Array.from({ length }, item);
  return list(batch, () =>
    list(height, () => list(width, () => list(channels, () => (i++ * 37.7) % 255))),
  );
}
