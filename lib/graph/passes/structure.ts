/** What the passes ask about a graph. */
import { DType } from "../../tfjs";
import type { GraphBuilder, GraphNode } from "../graphBuilder";
import { nodeName } from "../graphBuilder";

/** Which nodes take a node's values. */
export class Users {
  private readonly byName = new Map<string, GraphNode[]>();

  constructor(graph: GraphBuilder) {
    for (const node of graph.nodes) {
      for (const input of node.inputs) {
        const name = nodeName(input);
        const users = this.byName.get(name);
        if (users === undefined) this.byName.set(name, [node]);
        else if (users.at(-1) !== node) users.push(node); // it may take several values of one node
      }
    }
  }

  of({ name }: GraphNode): GraphNode[] {
    return this.byName.get(name) ?? [];
  }
}

/** Ops that convolve pictures. */
export const convolutionOps: ReadonlySet<string> = new Set(["Conv2D", "DepthwiseConv2dNative"]);

const normalizations = new Set(["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]);

/** Whether a node normalises by statistics that it is given. */
export function isFixedNormalization({ op, attrs: { is_training: training } }: GraphNode): boolean {
  if (!normalizations.has(op) || training === undefined) return false;
  return "bool" in training && !training.bool;
}

/** The values of an int32 constant; undefined for any other node. */
export function constantInts(node: GraphNode): number[] | undefined {
  const value = node.attrs.value;
  if (node.op !== "Const" || value === undefined || !("tensor" in value)) return undefined;
  const { dtype, values } = value.tensor;
  if (dtype !== DType.int32) return undefined;
  return Array.from(new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4));
}
