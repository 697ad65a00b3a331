/** tfjs on today's TensorFlow; the only room that names what tfjs' declarations hide. */
export {
  activityRegularizerOf,
  type RegularizesParts,
  regularizeActivityOf,
  regularizePart,
  withActivityLosses,
} from "./activity";
export {
  type BindingAttr,
  type BindingOutput,
  DType,
  type NativeBinding,
} from "./binding";
export {
  type ArrangedCall,
  argumentsOf,
  type CallArguments,
  type TakesArguments,
} from "./callArguments";
export { paddedCausally } from "./causal";
export { drawFrom } from "./chance";
export { claim } from "./claim";
export {
  jitCompileOf,
  lossWeightsOf,
  offerOptimizers,
  type StepsPerExecution,
  stepsPerExecutionOf,
  weightedMetricsOf,
} from "./compile";
export { type DatasetPass, iteratorOf, startPass } from "./datasets";
export { type Draw, listenToDraws } from "./draws";
export {
  callWithMasks,
  derivedMaskOf,
  hasMask,
  type MaskedCall,
  maskedCallsOf,
  maskedOutputsOf,
  maskLayersOf,
  runsInModel,
} from "./execution";
export { type ExplicitMask, explicitMaskOf } from "./explicitMasks";
export { withFans } from "./fans";
export { type TfjsOptimizer, tfjsOptimizer } from "./fusable";
export { KeptWeights } from "./keptWeights";
export {
  hasGpuDevice,
  type KernelAttr,
  nodeBackend,
  runKernel,
  tensorflowVersion,
} from "./kernels";
export {
  activationName,
  asWeights,
  type CallNode,
  hasTrainableFlags,
  innerLayersOf,
  isModel,
  type Layer,
  type LayerParts,
  layersOf,
  leavesOf,
  outputShapesOf,
  ownOnce,
  ownWeights,
  partsOf,
  type Shape,
  type Weight,
} from "./layer";
export { checkNewWeights, leaveOutActivation, replaceCall } from "./layerChanges";
export {
  baseClass,
  configOf,
  initializerOf,
  type LayerClass,
  layerClass,
  makeLayer,
  registerClass,
  registerUserClass,
  topologyOf,
} from "./layerClasses";
export { classToSnakeCase, clearSession, kerasClassName, nextName } from "./layerNames";
export { borrowValues, lendTensor } from "./lent";
export { endLogits, isLoop, keepingLogits, logitsBehind } from "./logits";
export type { Masks } from "./masks";
export { metricsByOutput } from "./metrics";
export {
  allWeights,
  changedSinceCollected,
  collectedWeights,
  functionalOf,
  type LossOrMetric,
  leafLayers,
  optimizerOf,
  ownOptimizer,
  trainedParts,
} from "./model";
export { metricNamed } from "./names";
export { useNativeKernels } from "./nativeKernels";
export {
  addIterations,
  interceptGradients,
  keepingIterations,
  learningRateOf,
  makeSlots,
  onOptimizerUse,
  setIterations,
  setLearningRateOf,
} from "./optimizer";
export {
  asKeras,
  hasTfjsSlots,
  restoreTfjs,
  slotsAsKeras,
  tfjsOptimizers,
  tfjsSlotShapes,
  tfjsSlots,
} from "./optimizers";
export { renormalize } from "./renorm";
export { type Config, type Serialized, serialized } from "./serialized";
export { availableMemory, checkReadable, LARGEST_ARRAY } from "./sizes";
export { commonSlots, ownSlots } from "./slots";
export { entryOf, type ReplacedTensorFlow, replaceTensorFlow, type StandIn } from "./standIn";
export { synchronize, withSumOfAll } from "./synchronized";
export { leavingNoTape } from "./tape";
export { isNoting } from "./tapeOrder";
export { tf } from "./tensorflow";
export { bringUpToDate, type Claim, isTraining, refuseWhileTrained } from "./trained";
export {
  isKnownClass,
  runsUserCode,
  trustClass,
  trustFunction,
  userFunctions,
  userPrototypes,
} from "./userCode";
export {
  leavingNothing,
  onNewVariable,
  registeredVariables,
  separateVariables,
} from "./variables";
export { throughAllWide, throughWide, type Wide, type WideOp } from "./wideIntegers";
export { asConstraint, wrapperClass } from "./wrapper";
