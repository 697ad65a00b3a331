/** The passes over a finished graph. */
import { sendAsBfloat16 } from "../distributed";
import {
  activateAfterPooling,
  foldNormalizations,
  type GraphBuilder,
  spellOut,
  useBfloat16,
  useBiasKernels,
} from "../graph";
import { chooseBfloat16 } from "./bfloat16";
import { chooseFirstLayer } from "./firstLayer";

type Pass = (graph: GraphBuilder) => void | Promise<void>;

/**
 * What rewrites a graph, in order.
 *
 * @param options.isFixed As `foldNormalizations` takes it.
 * @param options.kept Gets the nodes that it gives.
 */
export function passesFor(options: {
  precision: "float32" | "bfloat16";
  batchSize: number;
  isFixed: (handle: string) => boolean;
  kept: string[];
}): Pass[] {
  const { precision, batchSize, isFixed, kept } = options;
  return [
    useBiasKernels,
    (graph) => kept.push(...foldNormalizations(graph, { isFixed })),
    activateAfterPooling,
    (graph) => chooseFirstLayer(graph, { batchSize, precision }),
    ...(precision === "bfloat16"
      ? [(graph: GraphBuilder) => chooseBfloat16(graph, { batchSize })]
      : []),
    sendAsBfloat16,
  ];
}

/** What rewrites a loop for XLA, in order: nothing that leads to ops of our own. */
export function loopPassesFor({ precision }: { precision: "float32" | "bfloat16" }): Pass[] {
  return [
    useBiasKernels,
    activateAfterPooling,
    spellOut,
    ...(precision === "bfloat16" ? [useBfloat16] : []),
  ];
}
