/**
 * Moves work from before a max pooling to behind it, where a fraction of the values is left.
 *
 * `max` and `relu` both keep the order of numbers, so the pooled activation is the activated pooling, to the last bit,
 * and so is the gradient. And pooling hands each value of its gradient to exactly one place, so the gradient of a
 * bias, a sum over all places, is the same before and behind it. A convolutional network's first activations are its
 * largest values by far; each pass over them that falls away is felt.
 */
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { nodeName } from "../graphBuilder";
import { Users } from "./structure";

/** Activations that keep the order of numbers, with their gradients of (gradient, activated). */
const GRADIENT_OF: Record<string, string> = { Relu: "ReluGrad", Relu6: "Relu6Grad" };

/** Rewrites `graph` in place. */
export function activateAfterPooling(graph: GraphBuilder): void {
  const users = new Users(graph);
  for (const node of graph.nodes) {
    const found = trainedPooling(node, users);
    if (found !== undefined) exchange(found, users);
  }
  for (const node of graph.nodes) {
    if (node.op !== "BiasAddGrad") continue;
    const source = graph.node(node.inputs[0]!);
    if (source.op === "MaxPoolGrad") node.inputs = [source.inputs[2]!];
  }
}

/** An activation that is pooled, with the gradients of both. */
interface TrainedPooling {
  activation: GraphNode;
  pool: GraphNode;
  poolGrad: GraphNode;
  activationGrad: GraphNode;
}

/**
 * The pooling of an activation that is used for nothing else.
 *
 * Only where gradients are computed: without them the activation is fused with the convolution and costs nothing.
 */
function trainedPooling(activation: GraphNode, users: Users): TrainedPooling | undefined {
  const gradient = GRADIENT_OF[activation.op];
  if (gradient === undefined) return undefined;
  const all = users.of(activation);
  const [pool, poolGrad, activationGrad] = ["MaxPool", "MaxPoolGrad", gradient].map((op) =>
    all.find((node) => node.op === op),
  );
  if (all.length !== 3 || !pool || !poolGrad || !activationGrad) return undefined;
  const isChain =
    nodeName(poolGrad.inputs[1]!) === pool.name &&
    nodeName(activationGrad.inputs[0]!) === poolGrad.name &&
    users.of(poolGrad).length === 1;
  return isChain ? { activation, pool, poolGrad, activationGrad } : undefined;
}

/** Every node stays and changes its place, so none is left over. */
function exchange(found: TrainedPooling, users: Users): void {
  const { activation, pool, poolGrad, activationGrad } = found;
  const [values] = activation.inputs as [Output];
  const gradient = poolGrad.inputs[2]!;
  for (const node of users.of(pool)) {
    node.inputs = node.inputs.map((input) =>
      nodeName(input) === pool.name ? activation.name : input,
    );
  }
  pool.inputs = [values];
  activation.inputs = [pool.name];
  activation.shapes = pool.shapes;
  const { op, attrs } = poolGrad;
  Object.assign(poolGrad, {
    op: activationGrad.op,
    attrs: activationGrad.attrs,
    inputs: [gradient, activation.name],
    shapes: pool.shapes,
  });
  Object.assign(activationGrad, { op, attrs, inputs: [values, pool.name, poolGrad.name] });
}
