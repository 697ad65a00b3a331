/** Room for large tensors, asked of TensorFlow in one piece. */
import os from "node:os";
import { nativeModule } from "../native";
import { DType, runKernel, tf } from "../tfjs";
import { usesGpu } from "./describe";

let reserved = 0;

/**
 * Makes TensorFlow's allocator take one large region, of which nothing is touched before it is used.
 *
 * With oneDNN it takes memory from the system in regions, each twice as large as the last, keeps them, and gives out the
 * smallest free piece that is large enough: rather the untouched end of a new region than what a tensor has left.
 * In a region that is much larger than any tensor, what was left is taken again, and a process' peak is lower.
 *
 * Does nothing on a GPU, where there is such a region already; nothing without oneDNN, where each tensor is a piece of
 * its own; and nothing when the system refuses.
 *
 * @param bytes Size of the region; at most an eighth of the machine's memory is taken.
 */
export function reserveMemory(bytes: number): void {
  const size = Math.min(bytes, os.totalmem() / 8);
  if (size <= reserved || !takesRegions()) return;
  reserved = size;
  const shape = tf.tensor1d([Math.floor(size / 4)], "int32");
  const attrs = { dtype: { type: DType.float32 }, init: { bool: false } };
  try {
    tf.dispose(runKernel("Empty", [shape], { attrs }));
  } catch {
    // A limit on the address space: then memory grows as it would have.
  } finally {
    shape.dispose();
  }
}

/** Whether TensorFlow takes memory from the system in regions that it was not told to. */
export function takesRegions(): boolean {
  return !usesGpu() && nativeModule().usesOneDnn();
}
