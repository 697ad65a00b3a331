/** The passes over a finished graph. */
import { hasConvPool } from "../engine";
import {
  activateAfterPooling,
  type GraphBuilder,
  useBfloat16,
  useBiasKernels,
  useConvPool,
} from "../graph";

/** What rewrites a graph, in order. */
export function passesFor(precision: "float32" | "bfloat16"): ((graph: GraphBuilder) => void)[] {
  return [
    useBiasKernels,
    activateAfterPooling,
    ...(hasConvPool() ? [useConvPool] : []),
    ...(precision === "bfloat16" ? [useBfloat16] : []),
  ];
}
