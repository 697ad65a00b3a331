/** What a heavy op takes in float32 and in bfloat16. */
import { DType } from "../tfjs";
import { GraphBuilder, type GraphNode, type Output } from "./graphBuilder";
import type { HostTensor } from "./hostTensor";
import { heavyInputs } from "./passes";
import { noise, type Timed, timeGraphs } from "./timing";

/** Numbers of the largest value that are enough to time an op by. */
const TIMED_VALUES = 2 ** 20;

/** An op that is timed, and where. */
interface PrecisionOptions {
  /** The batch, of which as much is timed as takes some milliseconds. */
  batchSize: number;
  /** What the op is given and its users want; casts count. What it computes in by default. */
  among?: "float32" | "bfloat16";
}

/** What is timed, in words and in names. */
export const precisionsOf = {
  what: (graph: GraphBuilder, node: GraphNode, { among }: PrecisionOptions) => {
    const shapes = heavyInputs(node)!.map((i) => graph.shapeOf(node.inputs[i]!)!.join("×"));
    const where = among === undefined ? "" : ` among ${among}`;
    return `${node.op} of ${shapes.join(" and ").replaceAll("-1×", "")}${where}`;
  },
  names: ["float32", "bfloat16"],
} as const;

/** The milliseconds of a heavy op of `graph` in each precision. */
export function timePrecisions(
  graph: GraphBuilder,
  node: GraphNode,
  options: PrecisionOptions,
): Promise<Record<string, number>> {
  const timed = precisionsOf.names.map((name) => [name, timedIn(name, graph, node, options)]);
  return timeGraphs(Object.fromEntries(timed) as Record<string, Timed>);
}

/** A graph of the one op, which takes its values from variables: no time goes into feeding them. */
function timedIn(
  precision: "float32" | "bfloat16",
  source: GraphBuilder,
  node: GraphNode,
  { batchSize, among = precision }: PrecisionOptions,
): Timed {
  const values = heavyInputs(node)!;
  const shapes = [node.name, ...values.map((i) => node.inputs[i]!)].map(
    (value) => source.shapeOf(value)!,
  );
  const images = imagesFor(shapes, batchSize);
  const known = (shape: readonly number[]) => shape.map((size) => (size < 0 ? images : size));
  const graph = new GraphBuilder();
  const feeds: Record<string, HostTensor> = {};
  const targets: string[] = [];
  const inputs = node.inputs.map((input, i) => {
    if (!values.includes(i)) return graph.int32(known(shapes[0]!)); // the size of what is computed
    const shape = known(source.shapeOf(input)!);
    const feed = graph.placeholder(`value/${i}`, DType.float32, shape);
    feeds[feed] = noise(shape);
    const variable = graph.variable(`variable/${i}`, DType[among], shape);
    targets.push(graph.assign(variable, cast(graph, feed, "float32", among)));
    return cast(graph, variable.read, among, precision);
  });
  const attrs = { ...node.attrs, T: { type: DType[precision] } };
  const result = cast(graph, graph.op(node.op, inputs, { attrs }), precision, among);
  return { graph, targets: [result], before: { feeds, targets } };
}

/** As many of the batch as are enough. */
function imagesFor(shapes: readonly (readonly number[])[], batchSize: number): number {
  const sizes = shapes.map((shape) =>
    shape.reduce((product, size) => product * Math.max(1, size), 1),
  );
  return Math.min(batchSize, Math.max(1, Math.round(TIMED_VALUES / Math.max(...sizes))));
}

type Precision = "float32" | "bfloat16";

function cast(graph: GraphBuilder, value: Output, from: Precision, to: Precision): Output {
  if (from === to) return value;
  return graph.op("Cast", [value], {
    attrs: {
      SrcT: { type: DType[from] },
      DstT: { type: DType[to] },
      Truncate: { bool: false },
    },
  });
}
