/** Chooses the ops that are computed in bfloat16. */
import { chooseFastest, fixedChoice, usesGpu } from "../engine";
import {
  type GraphBuilder,
  type GraphNode,
  heavyNodes,
  precisionsOf,
  timePrecisions,
  useBfloat16,
} from "../graph";

const told = new Set<string>();

/**
 * Computes the heavy ops of a graph in bfloat16, but for those that take longer in it here: each op's largest node is timed
 * in both at first use. What stays in float32 is said once. On a GPU, and where `CONVNETS_BFLOAT16` is `all`, that is none.
 *
 * @throws EnvironmentError when the variable is set to anything else.
 */
export async function chooseBfloat16(
  graph: GraphBuilder,
  { batchSize }: { batchSize: number },
): Promise<void> {
  if (usesGpu() || fixedChoice("CONVNETS_BFLOAT16", ["all"]) !== undefined) {
    return useBfloat16(graph);
  }
  const nodes = heavyNodes(graph);
  const ops = new Set<string>();
  const choose = async (node: GraphNode, among?: "float32" | "bfloat16") => {
    const options = { batchSize, among };
    const chosen = await chooseFastest(precisionsOf.what(graph, node, options), {
      names: precisionsOf.names,
      measure: () => timePrecisions(graph, node, options),
    });
    if (chosen === "bfloat16") ops.add(node.op);
  };
  // Matrix products stand alone, convolutions in chains, and depthwise ones are given what those compute in.
  const isProduct = ({ op }: GraphNode) => /MatMul/.test(op);
  const isDepthwise = ({ op }: GraphNode) => /^Depthwise/.test(op);
  for (const node of nodes.filter((each) => !isDepthwise(each))) {
    await choose(node, isProduct(node) ? "float32" : undefined);
  }
  const among = ops.has("Conv2D") ? "bfloat16" : "float32";
  for (const node of nodes.filter(isDepthwise)) await choose(node, among);
  useBfloat16(graph, { ops });
  tell(nodes.map(({ op }) => op).filter((op) => !ops.has(op)));
}

function tell(slower: readonly string[]): void {
  const news = slower.filter((op) => !told.has(op));
  for (const op of news) told.add(op);
  if (news.length === 0) return;
  console.warn(
    `bfloat16 doesn't pay here for ${news.join(", ")}: computed in float32, which is faster on this processor.`,
  );
}
