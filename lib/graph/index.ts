/** TensorFlow graphs: built, traced from tfjs code, rewritten, run off the main thread. Knows no Keras. */
export { type AssembledStep, assemble, type StepPlace, type StepValues } from "./assemble";
export type { ConstantValue } from "./attributes";
export { type GeneralTrace, generalize, TRACED_SIZES } from "./batchSize";
export { differenceOf, disagreement, factorsBetween, fixed } from "./compare";
export { firstLayerAlternatives, timeFirstLayer } from "./firstLayer";
export { functionDef } from "./functions";
export { GraphBuilder, type GraphNode, type GraphVariable, type Output } from "./graphBuilder";
export { GraphError } from "./graphError";
export {
  borrowTensor,
  dtypeName,
  type HostArray,
  type HostTensor,
  toTensor,
} from "./hostTensor";
export { NotCompilableError } from "./notCompilable";
export { loadOpRegistry } from "./opRegistry";
export {
  activateAfterPooling,
  batchForParts,
  computeInParts,
  convolves,
  type FirstLayerSize,
  firstLayerSizes,
  foldNormalizations,
  heavyNodes,
  type IsFixed,
  keepFixed,
  keepNormalizationApart,
  normalizesConvolutions,
  spellOut,
  useBfloat16,
  useBiasKernels,
  useConvolve,
  useConvPool,
} from "./passes";
export { precisionsOf, timePrecisions } from "./precisions";
export { type NodeTime, recordRuns } from "./recording";
export { assembleReplicas, type Replica } from "./replicas";
export { checkSavedModelFolder, writeSavedModel } from "./savedModel";
export {
  abortRuns,
  type Call,
  type Feed,
  type Place,
  type Runs,
  Session,
  type SessionOptions,
} from "./session";
export { type PooledGraph, type PooledSession, poolGraph } from "./sessionPool";
export { type Recorder, type TracedFunction, type TraceOptions, trace } from "./trace";
