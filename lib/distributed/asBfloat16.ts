/** Sums over workers whose values go as bfloat16; their sender and receiver compute in float32. */
import type { GraphBuilder, Output } from "../graph";
import { DType } from "../tfjs";

/** The bit of a collective's key that says so: tfjs has no tensors of bfloat16, so a trace can't. */
export const AS_BFLOAT16 = 0x40000000;

/** Sends sums as bfloat16 whose keys say so; a pass over a finished graph. */
export function sendAsBfloat16(graph: GraphBuilder): void {
  const low = new Set<string>();
  for (const node of graph.nodes) {
    const key = node.attrs.instance_key;
    if (node.op !== "CollectiveReduce" || !(key && "int" in key && key.int & AS_BFLOAT16)) continue;
    low.add(node.name);
  }
  if (low.size === 0) return;
  const cast = (value: Output, from: number, to: number) =>
    graph.op("Cast", [value], {
      attrs: { SrcT: { type: from }, DstT: { type: to }, Truncate: { bool: false } },
      shapes: [graph.shapeOf(value)],
      dtypes: [to],
    });
  const back = new Map<string, Output>();
  for (const node of graph.nodes) {
    if (low.has(node.name)) {
      node.inputs = [cast(node.inputs[0]!, DType.float32, DType.bfloat16)];
      node.attrs.T = { type: DType.bfloat16 };
      node.dtypes[0] = DType.bfloat16;
      continue;
    }
    node.inputs = node.inputs.map((input) => {
      if (!low.has(input)) return input;
      const made = back.get(input) ?? cast(input, DType.bfloat16, DType.float32);
      back.set(input, made);
      return made;
    });
  }
}
