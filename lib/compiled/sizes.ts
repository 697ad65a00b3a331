/** What follows from how large the tensors of a graph are; the bounds are measured on the benchmark's networks. */
import { reserveMemory, usesGpu } from "../engine";
import { computeInParts, type GraphBuilder, type SessionOptions } from "../graph";

/** With larger tensors, memory is what counts. */
const LARGE_BYTES = 2 ** 26;

/** With smaller tensors, a node takes less time than handing it to another thread. */
const SMALL_BYTES = 2 ** 20;

/** The size of the reserved region, in largest tensors; more gains nothing with VGG16. */
const HELD_TENSORS = 8;

/** Parts of a batch that a frozen base sees one after another. */
const PARTS = 4;

/** Batches for which a graph is made, from the smallest to the largest. */
export interface BatchSizes {
  min: number;
  max: number;
}

/**
 * Makes a graph compute what needs no gradient in parts of the batch, where its tensors are large.
 *
 * @returns The smallest batch that the graph is for now; undefined when it stays as it was.
 */
export function spareMemory(graph: GraphBuilder, batchSize: number): number | undefined {
  if (usesGpu() || batchSize < 2 * PARTS) return undefined;
  return computeInParts(graph, { parts: PARTS, fromBytes: LARGE_BYTES, batchSize });
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
 * after another; without it there is one way through most models anyway.
 */
export function parallelFor(
  largest: number,
  { trains }: { trains: boolean },
): NonNullable<SessionOptions["parallel"]> {
  if (largest <= SMALL_BYTES) return "nothing";
  return trains && largest >= LARGE_BYTES ? "parts" : "nodes";
}
