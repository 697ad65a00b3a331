/**
 * Convolutions and their normalisation at a batch of one.
 *
 * TensorFlow makes one op of a convolution and the normalisation by fixed statistics behind it, or the addition that is
 * left of one. With oneDNN on AVX2 that op takes 57 ms for one example where it takes 4 for two (TensorFlow 2.21, 1×1,
 * 96 to 96 channels, 56×56): a MobileNetV2 took 600 ms for one picture and 40 for two.
 */
import type { GraphBuilder, GraphNode } from "../graphBuilder";
import { isFolded } from "./folding";
import { convolutionOps, isFixedNormalization } from "./structure";

/** Whether the graph has what is slow for one example. */
export function normalizesConvolutions(graph: GraphBuilder): boolean {
  return graph.nodes.some((node) => isNormalizedConvolution(graph, node));
}

/** Keeps convolutions apart from their normalisation, by a node that TensorFlow doesn't look through. */
export function keepNormalizationApart(graph: GraphBuilder): void {
  for (const node of graph.nodes) {
    if (!isNormalizedConvolution(graph, node)) continue;
    const [values, ...statistics] = node.inputs as [string, ...string[]];
    const dtype = { type: graph.dtypeOf(values)! };
    const shape = graph.shapeOf(values)!;
    const apart = graph.op("PlaceholderWithDefault", [values], {
      attrs: { dtype, shape: { shape: [...shape] } },
      shapes: [shape],
      dtypes: [dtype.type],
    });
    node.inputs = [apart, ...statistics];
  }
}

function isNormalizedConvolution(graph: GraphBuilder, node: GraphNode): boolean {
  const [values] = node.inputs;
  if (values === undefined || graph.shapeOf(values) === undefined) return false;
  const conv = graph.node(values);
  if (!convolutionOps.has(conv.op)) return false;
  return isFixedNormalization(node) || (node.op === "BiasAdd" && isFolded(graph, conv));
}
