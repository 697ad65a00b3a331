/** TensorFlow graphs: built, traced from tfjs code, rewritten, run off the main thread. Knows no Keras. */
export { type AssembledStep, assemble } from "./assemble";
export type { ConstantValue, GraphAttr } from "./attributes";
export { type GeneralTrace, generalize, TRACED_SIZES } from "./batchSize";
export {
  GraphBuilder,
  type GraphNode,
  type GraphVariable,
  type NodeOptions,
  type Output,
} from "./graphBuilder";
export { GraphError } from "./graphError";
export { defineCompiled, defineLoop, type TypedValue } from "./loop";
export { NotCompilableError } from "./notCompilable";
export { loadOpRegistry } from "./opRegistry";
export { useBfloat16 } from "./passes/bfloat16";
export { useBiasKernels } from "./passes/bias";
export { useConvPool } from "./passes/convPool";
export { activateAfterPooling } from "./passes/pooling";
export { composeForXla, scrambledKey } from "./passes/xla";
export { type Signature, writeSavedModel } from "./savedModel";
export { type HostArray, type HostTensor, Session } from "./session";
export { openPooledSession, type PooledSession } from "./sessionPool";
export { copySubgraph, neededNodes } from "./subgraph";
export { type Recorder, type Ref, type Trace, trace } from "./trace";
