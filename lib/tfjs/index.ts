/** tfjs on today's TensorFlow; the only room that names what tfjs' declarations hide. */
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
export {
  type CallNode,
  type Config,
  isModel,
  type Layer,
  type LayerClass,
  layerClass,
  leavingNothing,
  type ModelParts,
  makeLayer,
  ownWeights,
  partsOf,
  type Serialized,
  serialized,
  type Weight,
} from "./layerClasses";
export { leavesOf } from "./layerTree";
export { type Borrowed, borrowValues, lendTensor } from "./lent";
export {
  allWeights,
  type GraphNode,
  type InternalLayer,
  type InternalModel,
  type InternalOptimizer,
  internals,
  type LayerWeight,
  type LossOrMetric,
  leafLayers,
  trainedParts,
} from "./model";
export { useNativeKernels } from "./nativeKernels";
export {
  asKeras,
  restoreTfjs,
  slotsAsKeras,
  tfjsOptimizers,
  tfjsSlotShapes,
  tfjsSlots,
} from "./optimizers";
export { slotNames } from "./slots";
export { tf } from "./tensorflow";
