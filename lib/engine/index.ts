/** Finds and loads TensorFlow; seeds; facts about the machine. */
export { type EngineDescription, engine, hasConvPool, usesGpu } from "./describe";
export {
  type BindingAttr,
  type BindingOutput,
  DType,
  type KernelAttr,
  type NativeBinding,
  nodeBackend,
  runKernel,
} from "./kernels";
export { type Activated, leaveOutActivation, replaceCall } from "./layerChanges";
export { leavesOf } from "./layerTree";
export { type Borrowed, borrowValues, lendTensor } from "./lent";
export {
  type NativeFeed,
  type NativeInference,
  type NativeOutput,
  type NativeSession,
  nativeModule,
} from "./native";
export { useNativeKernels } from "./nativeKernels";
export {
  defaultKeys,
  getRandomState,
  hostUniform,
  isSeeded,
  type Key,
  KeySource,
  listenToKeys,
  randomNormal,
  randomUniform,
  setRandomState,
  setSeed,
} from "./random";
export { reserveMemory, takesRegions } from "./reserve";
export { tf } from "./tensorflow";
