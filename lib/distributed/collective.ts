/** Sums and broadcasts over all workers, as nodes of TensorFlow graphs. */
import { createHash } from "node:crypto";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { GraphBuilder, GraphVariable, Output } from "../graph";
import { DType, runKernel, tf } from "../tfjs";
import { AS_BFLOAT16 } from "./asBfloat16";
import { bucketsOf } from "./buckets";

/** All workers are one group. */
const GROUP_KEY = 1;

/** A smaller collective may leave the chief waiting when another worker dies: TensorFlow sends it otherwise. */
const FEWEST = 64;

/** Variables of more numbers are sent by themselves, others together. */
const LARGE = 4096;

/** How gradients go from worker to worker. */
export type GradientPrecision = "float32" | "bfloat16";

/** Who takes part. */
export interface Party {
  size: number;
  rank: number;
  /** How gradients are sent. @default "float32" */
  gradientPrecision?: GradientPrecision;
}

/** Attributes of a collective; those of one kind and length belong together, in whatever graph. */
function collectiveAttrs({ size }: Party, kind: string, length: number) {
  const digest = createHash("sha256").update(`${kind} ${length}`).digest();
  return {
    group_size: { int: size },
    group_key: { int: GROUP_KEY },
    instance_key: { int: digest.readUInt32LE(0) & (AS_BFLOAT16 - 1) },
    communication_hint: { string: "auto" },
    // TensorFlow's own leaves a call under way that ends the process when it comes back: whoever runs the graph has one.
    timeout_seconds: { float: 0 },
  };
}

/** Attributes of a sum. */
export function sumAttrs(party: Party, use: { kind: string; length: number; dtype: number }) {
  return {
    T: { type: use.dtype },
    ...collectiveAttrs(party, use.kind, use.length),
    merge_op: { string: "Add" },
    final_op: { string: "Id" },
    subdiv_offsets: { ints: [0] },
    wait_for: { ints: [] },
  };
}

/**
 * Sums of float32 tensors over all workers, in few collectives, for a step that is traced. One begins as soon as its
 * tensors are computed: the gradients of the last layers are under way while those of the first are yet to come.
 *
 * @param tensors Of the same shapes on each worker.
 * @param kind A name that no other sum of the step has.
 * @param options.areGradients Whether they go in the party's `gradientPrecision`. False by default.
 */
export function sumOverWorkers(
  party: Party,
  tensors: readonly Tensor[],
  kind: string,
  { areGradients = false } = {},
): Tensor[] {
  const asBfloat16 = areGradients && party.gradientPrecision === "bfloat16";
  return tf.tidy(() => {
    const sums: Tensor[] = [];
    for (const [i, bucket] of bucketsOf(tensors.map(({ size }) => size)).entries()) {
      const own = bucket.map((place) => tf.reshape(tensors[place]!, [-1]));
      const use = { kind: `${kind} ${i}${asBfloat16 ? " bfloat16" : ""}`, asBfloat16 };
      const parts = sumTogether(party, own, use);
      for (const [k, place] of bucket.entries()) {
        sums[place] = tf.reshape(parts[k]!, tensors[place]!.shape);
      }
    }
    return sums;
  });
}

/** Sums of vectors, in one collective. */
function sumTogether(
  party: Party,
  vectors: readonly Tensor[],
  { kind, asBfloat16 }: { kind: string; asBfloat16: boolean },
): Tensor[] {
  const sizes = vectors.map(({ size }) => size);
  const padding = FEWEST - sizes.reduce((sum, size) => sum + size, 0);
  if (padding > 0) sizes.push(padding);
  const all = padding > 0 ? [...vectors, tf.zeros([padding])] : vectors;
  // One alone, a large one, is neither copied into others' company nor out of it.
  const own = all.length === 1 ? all[0]! : tf.concat(all as Tensor[]);
  const attrs = sumAttrs(party, { kind, length: own.size, dtype: DType.float32 });
  if (asBfloat16) attrs.instance_key.int |= AS_BFLOAT16;
  const [sum] = runKernel("CollectiveReduce", [own], { attrs });
  return all.length === 1 ? [sum!] : tf.split(sum!, sizes);
}

/** A sum over all workers that gradients go through, for a step that is traced. */
export function differentiableSum(party: Party, tensor: Tensor, kind: string): Tensor {
  const sum = (own: Tensor, what: string) => sumOverWorkers(party, [own], what)[0]!;
  return tf.customGrad((x: unknown) => ({
    value: sum(x as Tensor, kind),
    gradFunc: (dy: Tensor) => sum(dy, `${kind} gradient`),
  }))(tensor);
}

/** Adds nodes that give every worker the chief's values of variables; returns the names of their ends. */
export function addBroadcast(
  graph: GraphBuilder,
  variables: readonly GraphVariable[],
  party: Party,
): Output[] {
  const filled = variables.filter((variable) => lengthOf(variable) > 0);
  const large = filled.filter((variable) => lengthOf(variable) > LARGE);
  const small = filled.filter((variable) => lengthOf(variable) <= LARGE);
  const groups = [...large.map((variable) => [variable]), ...(small.length > 0 ? [small] : [])];
  return groups.flatMap((group, i) => addGroup(graph, group, { party, kind: `broadcast ${i}` }));
}

function addGroup(
  graph: GraphBuilder,
  group: readonly GraphVariable[],
  { party, kind }: { party: Party; kind: string },
): Output[] {
  const sizes = [...group.map(lengthOf), FEWEST];
  const length = sizes.reduce((sum, size) => sum + size);
  const float = { type: DType.float32 };
  const attrs = {
    T: float,
    shape: { shape: [length] },
    ...collectiveAttrs(party, kind, length),
  };
  if (party.rank === 0) {
    const flat = group.map((variable) => flattened(graph, variable));
    const padding = graph.float32(new Array<number>(FEWEST).fill(0));
    const all = graph.op("ConcatV2", [...flat, padding, graph.int32(0)], {
      attrs: { N: { int: sizes.length }, T: float, Tidx: { type: DType.int32 } },
    });
    return [graph.op("CollectiveBcastSend", [all], { attrs })];
  }
  const all = graph.op("CollectiveBcastRecv", [], { attrs });
  const parts = graph.op("SplitV", [all, graph.int32(sizes), graph.int32(0)], {
    attrs: { T: float, Tlen: { type: DType.int32 }, num_split: { int: sizes.length } },
  });
  return group.map((variable, i) => {
    const part = i === 0 ? parts : `${parts}:${i}`;
    return graph.assign(variable, shaped(graph, part, variable));
  });
}

/** A variable's values as a float32 vector: the bits of whole numbers, which nobody computes with. */
function flattened(graph: GraphBuilder, { read, dtype }: GraphVariable): Output {
  const float = { type: DType.float32 };
  let values = read;
  if (dtype === DType.bool) {
    values = graph.op("Cast", [read], { attrs: { SrcT: { type: dtype }, DstT: float } });
  } else if (dtype !== DType.float32) {
    values = graph.op("Bitcast", [read], { attrs: { T: { type: dtype }, type: float } });
  }
  return graph.op("Reshape", [values, graph.int32([-1])], {
    attrs: { T: float, Tshape: { type: DType.int32 } },
  });
}

/** The way back. */
function shaped(graph: GraphBuilder, vector: Output, { dtype, shape }: GraphVariable): Output {
  const float = { type: DType.float32 };
  const values = graph.op("Reshape", [vector, graph.int32(shape)], {
    attrs: { T: float, Tshape: { type: DType.int32 } },
  });
  if (dtype === DType.float32) return values;
  return dtype === DType.bool
    ? graph.op("Cast", [values], { attrs: { SrcT: float, DstT: { type: dtype } } })
    : graph.op("Bitcast", [values], { attrs: { T: float, type: { type: dtype } } });
}

function lengthOf({ shape }: GraphVariable): number {
  return shape.reduce((product, size) => product * size, 1);
}
