/**
 * Takes a normalisation by fixed statistics into the convolution before it.
 *
 * Scaled by gamma / √(variance + ε), the filters give what the normalisation makes of theirs, but for an addition, and
 * that TensorFlow computes within the convolution, the activation behind it too. It takes almost half of a
 * MobileNetV2's time to normalise. `keepFixed` keeps scaled filters where no step changes what they are made of.
 */
import { DType } from "../../tfjs";
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { nodeName, outputIndex } from "../graphBuilder";
import { convolutionOps, isFixedNormalization, Users } from "./structure";

/** What filters with a normalisation in them are called, and nothing else. */
const FOLDED = "folded";

/** Whether a convolution has a normalisation in its filters. */
export function isFolded(graph: GraphBuilder, conv: GraphNode): boolean {
  const filter = conv.inputs[1];
  return filter !== undefined && graph.node(filter).name.startsWith(`${FOLDED}/`);
}

/** Rewrites `graph` in place; after `useBiasKernels`, which makes the additions that it looks through. */
export function foldNormalizations(graph: GraphBuilder): void {
  const users = new Users(graph);
  for (const node of graph.nodes) {
    const found = normalizedConvolution(graph, { norm: node, users });
    // A second normalisation stays: what is kept for the first would have to be there before it.
    if (found === undefined || isFolded(graph, found.conv)) continue;
    const weights = foldedWeights(graph, found);
    withoutReshapes(graph, node, users);
    fold(graph, found, weights);
  }
}

/** Convolution → addition, if there is one → normalisation; nobody else takes what the first two make. */
interface NormalizedConvolution {
  conv: GraphNode;
  bias: GraphNode | undefined;
  norm: GraphNode;
}

function normalizedConvolution(
  graph: GraphBuilder,
  { norm, users }: { norm: GraphNode; users: Users },
): NormalizedConvolution | undefined {
  if (!isFixedNormalization(norm) || isChannelsFirst(norm)) return undefined;
  const onlyUser = (node: GraphNode) => users.of(node).length === 1;
  const before = graph.node(norm.inputs[0]!);
  const bias = before.op === "BiasAdd" && onlyUser(before) ? before : undefined;
  const conv = graph.node((bias ?? norm).inputs[0]!);
  if (!convolutionOps.has(conv.op) || !onlyUser(conv) || isChannelsFirst(conv)) return undefined;
  const filter = graph.node(conv.inputs[1]!);
  if (filter.op !== "ReadVariableOp" || filter.dtypes[0] !== DType.float32) return undefined;
  return takesOnlyValues(norm, users) ? { conv, bias, norm } : undefined;
}

/** Whether nobody asks for the statistics, as a gradient does. */
function takesOnlyValues(norm: GraphNode, users: Users): boolean {
  const taken = users.of(norm).flatMap(({ inputs }) => inputs);
  return taken.every((input) => nodeName(input) !== norm.name || outputIndex(input) === 0);
}

function isChannelsFirst({ attrs: { data_format: format } }: GraphNode): boolean {
  return format !== undefined && "string" in format && format.string !== "NHWC";
}

/** Filter and addend of the convolution that does both. */
function foldedWeights(
  graph: GraphBuilder,
  { conv, bias, norm }: NormalizedConvolution,
): [filter: Output, addend: Output] {
  const [, gamma, beta, mean, variance] = norm.inputs as [Output, Output, Output, Output, Output];
  const shape = graph.shapeOf(conv.inputs[1]!)!;
  const channels = [conv.op === "Conv2D" ? shape[3]! : shape[2]! * shape[3]!];
  const op = (name: string, ...inputs: Output[]) =>
    graph.op(name, inputs, {
      attrs: { T: { type: DType.float32 } },
      shapes: [channels],
      dtypes: [DType.float32],
    });
  const epsilon = graph.float32(epsilonOf(norm));
  const scale = op("Mul", gamma, op("Rsqrt", op("AddV2", variance, epsilon)));
  const addend = op("Sub", beta, op("Mul", mean, scale));
  return [
    scaledFilter(graph, conv, scale),
    bias === undefined ? addend : op("AddV2", op("Mul", bias.inputs[1]!, scale), addend),
  ];
}

function fold(
  graph: GraphBuilder,
  { conv, bias, norm }: NormalizedConvolution,
  [filter, addend]: Output[],
): void {
  conv.inputs = [conv.inputs[0]!, filter!];
  if (bias !== undefined) graph.remove(bias);
  norm.op = "BiasAdd";
  norm.inputs = [conv.name, addend!];
  norm.attrs = { T: { type: DType.float32 }, data_format: { string: "NHWC" } };
  norm.shapes = [norm.shapes[0]];
  norm.dtypes = [DType.float32];
}

/** tfjs gives what it has normalised its own shape again, which hides the activation behind it. */
function withoutReshapes(graph: GraphBuilder, norm: GraphNode, users: Users): void {
  const shape = norm.shapes[0];
  if (shape === undefined || shape.filter((size) => size < 0).length > 1) return;
  for (const reshape of users.of(norm)) {
    if (reshape.op !== "Reshape" || reshape.shapes[0]?.join() !== shape.join()) continue;
    for (const user of users.of(reshape)) {
      user.inputs = user.inputs.map((input) => (input === reshape.name ? norm.name : input));
    }
    graph.remove(reshape);
  }
}

/** The filter times the scale of each channel that it makes. */
function scaledFilter(graph: GraphBuilder, conv: GraphNode, scale: Output): Output {
  const T = { type: DType.float32 };
  const filter = conv.inputs[1]!;
  const shape = graph.shapeOf(filter)!;
  const dtypes = [DType.float32];
  // A depthwise filter has those channels in two dimensions.
  const last = conv.op === "Conv2D" ? shape.slice(-1) : shape.slice(-2);
  const attrs = { T, Tshape: { type: DType.int32 } };
  const factors = graph.op("Reshape", [scale, graph.int32(last)], {
    attrs,
    shapes: [last],
    dtypes,
  });
  const name = `${FOLDED}/filter`;
  return graph.op("Mul", [filter, factors], { attrs: { T }, name, shapes: [shape], dtypes });
}

function epsilonOf({ attrs: { epsilon } }: GraphNode): number {
  // TensorFlow's own default.
  return epsilon !== undefined && "float" in epsilon ? epsilon.float : 1e-4;
}
