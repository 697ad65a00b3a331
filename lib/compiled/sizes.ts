/** What follows from how large the tensors of a graph are; the bounds are measured on the benchmark's networks. */
import { reserveMemory, usesGpu } from "../engine";
import { batchForParts, computeInParts, type GraphBuilder, type SessionOptions } from "../graph";

/** With larger tensors, memory is what counts. */
const LARGE_BYTES = 2 ** 26;

/** With smaller tensors, a node takes less time than handing it to another thread. */
const SMALL_BYTES = 2 ** 20;

/** The size of the reserved region, in largest tensors; more gains nothing with VGG16. */
const HELD_TENSORS = 8;

/** Parts of a batch that a frozen base sees one after another. */
const PARTS = 4;

/** Below this, memory is held by other things: MobileNetV2's 99 MB at 180×180 in parts changed no peak. */
const PARTS_BYTES = 2 ** 27;

/** Up to so many examples, a model that predicts has convolutions of our own; 32 took the 180×180 convnet 1.12 of the time. */
export const FEW_EXAMPLES = 8;

/** Batches for which a graph is made, from the smallest to the largest. */
export interface BatchSizes {
  min: number;
  max: number;
}

/**
 * Makes a graph compute what needs no gradient in parts of the batch, where its tensors are large; says for which
 * batches it is then.
 */
export function spareMemory(graph: GraphBuilder, batchSize: number): BatchSizes {
  const all = { min: 1, max: Number.POSITIVE_INFINITY };
  const options = { parts: PARTS, fromBytes: PARTS_BYTES };
  const from = usesGpu() ? undefined : batchForParts(graph, options);
  if (from === undefined) return all;
  if (batchSize < from) return { ...all, max: from - 1 };
  computeInParts(graph, { ...options, batchSize });
  return { ...all, min: 2 * PARTS };
}

/** Bytes of a graph's largest tensor. */
export function largestTensor(graph: GraphBuilder, batchSize: number): number {
  let largest = 0;
  for (const { shapes } of graph.nodes) {
    for (const shape of shapes) {
      const size = shape?.reduce((product, size) => product * (size < 0 ? batchSize : size), 4);
      if (size !== undefined) largest = Math.max(largest, size);
    }
  }
  return largest;
}

/** Reserves memory in one piece for training with large tensors. */
export function reserveFor(largest: number): void {
  if (largest >= LARGE_BYTES) reserveMemory(HELD_TENSORS * largest);
}

/**
 * What a graph should do in parallel.
 *
 * Nodes with large tensors keep all threads busy by themselves, and in training they hold fewer of them at once one
 * after another; without it there is one way through most models anyway. Convolutions by kernels of our own have threads
 * of their own, and the one that asks goes from node to node at once.
 */
export function parallelFor(
  largest: number,
  { trains, convolves }: { trains: boolean; convolves: boolean },
): NonNullable<SessionOptions["parallel"]> {
  if (largest <= SMALL_BYTES) return "nothing";
  if (convolves) return "parts";
  return trains && largest >= LARGE_BYTES ? "parts" : "nodes";
}
