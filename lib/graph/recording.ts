/** Where a graph's time goes: what TensorFlow notes of each node of each run. */
import { messageFields, messageNumbers } from "../formats";
import { nativeModule } from "../native";

/** A node that ran once. */
export interface NodeTime {
  /** The node's name in the graph. */
  node: string;
  /** What it computed, as `Conv2D`. */
  op: string;
  /** Where it ran, in TensorFlow's words. */
  device: string;
  /** From its start to its end, in milliseconds. Nodes run beside each other, and what one does on all threads. */
  ms: number;
  /** Shape of its first result. */
  shape: readonly number[];
  /** Shapes of what it takes; empty for what didn't run in this run. */
  inputs: readonly (readonly number[])[];
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
  const all = (streams.length > 0 ? streams : named).flatMap(({ device, name }) =>
    children(device, 2).map((stats) => ({ stats, name })),
  );
  const shapes = new Map<string, readonly number[]>();
  for (const stats of named.flatMap(({ device }) => children(device, 2))) {
    for (const output of children(stats, 7)) {
      const slot = messageNumbers(output).get(1) ?? 0;
      shapes.set(slot === 0 ? text(stats, 1) : `${text(stats, 1)}:${slot}`, shapeOf(output));
    }
  }
  return all.map(({ stats, name }) => nodeTime(stats, { device: name, shapes }));
}

/** Reads NodeExecStats { node_name: 1, timeline_label: 8, op_start_rel_nanos: 14, all_end_rel_nanos: 16 }. */
function nodeTime(
  stats: Uint8Array,
  { device, shapes }: { device: string; shapes: ReadonlyMap<string, readonly number[]> },
): NodeTime {
  const numbers = messageNumbers(stats);
  const node = text(stats, 1);
  // `name = Op(inputs)`; nodes that TensorFlow adds itself, such as _SOURCE, may have no label.
  const [, op = node, taken = ""] = /= (\w+)\((.*)\)/.exec(text(stats, 8)) ?? [];
  return {
    node,
    op,
    device,
    ms: ((numbers.get(16) ?? 0) - (numbers.get(14) ?? 0)) / 1e6,
    shape: shapes.get(node) ?? [],
    inputs: taken.split(", ").map((name) => shapes.get(name) ?? []),
  };
}

/** Reads NodeOutput { tensor_description: 3 { shape: 2 { dim: 2 { size: 1 } } } }. */
function shapeOf(output: Uint8Array): number[] {
  return children(output, 3)
    .flatMap((tensor) => children(tensor, 2))
    .flatMap((shape) => children(shape, 2))
    .map((dim) => messageNumbers(dim).get(1) ?? 0);
}

function children(message: Uint8Array, wanted: number): Uint8Array[] {
  return [...messageFields(message)]
    .filter(({ field }) => field === wanted)
    .map(({ bytes }) => bytes);
}

function text(message: Uint8Array, wanted: number): string {
  return Buffer.from(children(message, wanted).at(-1) ?? []).toString("utf8");
}
