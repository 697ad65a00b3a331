/** Where a graph's time goes: what TensorFlow notes of each node of each run. */
import { messageFields, messageNumbers } from "../formats";
import { nativeModule } from "../native";

/** A node that ran once. */
export interface NodeTime {
  /** The node's name in the graph. */
  node: string;
  /** What it computed, as `Conv2D`. */
  op: string;
  /** From its start to its end, in milliseconds. Nodes run beside each other, and what one does on all threads. */
  ms: number;
}

/**
 * Records every run of every graph of this process while some work is done. Runs take somewhat longer meanwhile.
 *
 * @returns For each run the nodes that ran, in TensorFlow's order.
 * @throws What the work throws.
 * @see https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/framework/step_stats.proto
 */
export async function recordRuns(work: () => Promise<unknown>): Promise<NodeTime[][]> {
  const native = nativeModule();
  native.recordRuns(true);
  let notes: Uint8Array[] = [];
  try {
    await work();
  } finally {
    notes = native.recordRuns(false);
  }
  return notes.map(nodesOf);
}

/** Reads RunMetadata { step_stats: 1 { dev_stats: 1 { device: 1, node_stats: 2 } } }. */
function nodesOf(metadata: Uint8Array): NodeTime[] {
  const devices = children(metadata, 1).flatMap((stats) => children(stats, 1));
  const named = devices.map((device) => ({ device, name: text(device, 1) }));
  // A GPU's own times stand in streams, besides the host's of handing the work over.
  const streams = named.filter(({ name }) => name.endsWith("/stream:all"));
  return (streams.length > 0 ? streams : named).flatMap(({ device }) =>
    children(device, 2).map(nodeTime),
  );
}

/** Reads NodeExecStats { node_name: 1, timeline_label: 8, op_start_rel_nanos: 14, all_end_rel_nanos: 16 }. */
function nodeTime(stats: Uint8Array): NodeTime {
  const numbers = messageNumbers(stats);
  const node = text(stats, 1);
  // `name = Op(inputs)`; nodes that TensorFlow adds itself, such as _SOURCE, have no label.
  const op = /= (\w+)\(/.exec(text(stats, 8))?.[1] ?? node;
  return { node, op, ms: ((numbers.get(16) ?? 0) - (numbers.get(14) ?? 0)) / 1e6 };
}

function children(message: Uint8Array, wanted: number): Uint8Array[] {
  return [...messageFields(message)]
    .filter(({ field }) => field === wanted)
    .map(({ bytes }) => bytes);
}

function text(message: Uint8Array, wanted: number): string {
  return Buffer.from(children(message, wanted).at(-1) ?? []).toString("utf8");
}
