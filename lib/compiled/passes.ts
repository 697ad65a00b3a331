/** The passes over a finished graph. */
import { sendAsBfloat16 } from "../distributed";
import { hasConvolve } from "../engine";
import {
  activateAfterPooling,
  foldNormalizations,
  type GraphBuilder,
  type IsFixed,
  keepFixed,
  spellOut,
  useBfloat16,
  useBiasKernels,
  useConvolve,
} from "../graph";
import { chooseBfloat16 } from "./bfloat16";
import { chooseFirstLayer } from "./firstLayer";

type Pass = (graph: GraphBuilder) => void | Promise<void>;

/**
 * What rewrites a graph, in order.
 *
 * @param options.isFixed Which variables no step changes.
 * @param options.serves Whether no step trains, and nobody computes with this process.
 * @param options.kept Gets the nodes that `keepFixed` gives.
 */
export function passesFor(options: {
  precision: "float32" | "bfloat16";
  batchSize: number;
  isFixed: IsFixed;
  serves: boolean;
  kept: string[];
}): Pass[] {
  const { precision, batchSize, isFixed, serves, kept } = options;
  const convolves = serves && precision === "float32" && hasConvolve();
  return [
    useBiasKernels,
    foldNormalizations,
    ...(convolves ? [(graph: GraphBuilder) => useConvolve(graph, { isFixed })] : []),
    (graph) => kept.push(...keepFixed(graph, { isFixed })),
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
