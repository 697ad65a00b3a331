/** The passes over a finished graph. */
import { sendAsBfloat16 } from "../distributed";
import { hasConvPool } from "../engine";
import {
  activateAfterPooling,
  foldNormalizations,
  type GraphBuilder,
  spellOut,
  useBfloat16,
  useBiasKernels,
  useConvPool,
} from "../graph";

type Pass = (graph: GraphBuilder) => void;

/**
 * What rewrites a graph, in order.
 *
 * @param options.isFixed As `foldNormalizations` takes it.
 * @param options.kept Gets the nodes that it gives.
 */
export function passesFor(options: {
  precision: "float32" | "bfloat16";
  isFixed: (handle: string) => boolean;
  kept: string[];
}): Pass[] {
  const { precision, isFixed, kept } = options;
  return [
    useBiasKernels,
    (graph) => kept.push(...foldNormalizations(graph, { isFixed })),
    activateAfterPooling,
    ...(hasConvPool() ? [useConvPool] : []),
    ...(precision === "bfloat16" ? [useBfloat16] : []),
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
