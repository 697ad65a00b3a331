/**
 * Writes out in small ops what XLA has no kernel for, or another one than TensorFlow: it joins them again by itself.
 *
 * - This library's own update of RMSprop.
 * - Random numbers: XLA draws the same bits but makes other numbers of them, so that a training would take another
 *   course than without it.
 * - The sampling of moved images, which only TensorFlow has.
 */
import { DType } from "../../../engine";
import type { GraphBuilder, GraphNode, Output } from "../../graphBuilder";
import { Arithmetic } from "./arithmetic";
import { drawNormal, drawUniform } from "./random";
import { canSample, sample } from "./sampling";

export { scrambledKey } from "./philox";

/**
 * Rewrites `graph`, which XLA will compile, in place.
 *
 * Its draws must have their keys as `scrambledKey` gives them.
 */
export function composeForXla(graph: GraphBuilder): void {
  const ops = new Arithmetic(graph);
  for (const node of graph.nodes) {
    if (node.op === "ConvnetsRMSprop") replace(node, stepOfRmsprop(ops, node));
    else if (node.op === "StatelessRandomUniform") replace(node, [drawUniform(ops, node)]);
    else if (node.op === "StatelessRandomNormal") replace(node, [drawNormal(ops, node)]);
    else if (canSample(graph, node)) replace(node, [sample(graph, node)]);
  }
}

/** Makes a node give other values; its name and those of its results stay. */
function replace(node: GraphNode, values: Output[]): void {
  const types = values.map(() => DType.float32);
  Object.assign(node, { op: "IdentityN", inputs: values, attrs: { T: { types } } });
}

/** `native/rmsprop.cc`: the weight after the step, and the velocity. */
function stepOfRmsprop(ops: Arithmetic, { inputs }: GraphNode): Output[] {
  const [weight, velocity, gradient, learningRate, rho, epsilon] = inputs as [
    Output,
    Output,
    Output,
    Output,
    Output,
    Output,
  ];
  const square = ops.float("Mul", ops.float("Square", gradient), ops.float("Sub", 1, rho));
  const moved = ops.float("AddV2", ops.float("Mul", velocity, rho), square);
  const root = ops.float("Sqrt", ops.float("AddV2", moved, epsilon));
  const step = ops.float("RealDiv", ops.float("Mul", gradient, learningRate), root);
  return [ops.float("Sub", weight, step), moved];
}
