/** Losses and metrics with their settings, for `compile`, and what outputs of CTC mean. */

export type { DecodedPaths } from "./ctcBeamSearch";
export {
  type CtcBeamSearchOptions,
  type CtcDecodeOptions,
  ctcDecode,
  type DecodedSequences,
} from "./ctcDecode";

/** Keras' losses with their settings, for `model.compile({ loss: losses.huber({ delta: 0.5 }) })`. */
export * as losses from "./losses";
/** Keras' metrics with their settings, for `model.compile({ metrics: [metrics.meanIoU({ numClasses: 3 })] })`. */
export * as metrics from "./publicMetrics";
