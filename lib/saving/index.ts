/** Keras' files, both ways. */
export { readActivation } from "./activationNames";
export { ModelFileError } from "./json";
export { LayerScale } from "./kerasLayers";
export {
  type LoadModelOptions,
  type LoadWeightsOptions,
  loadModel,
  loadWeights,
} from "./loadModel";
export { readInitializer } from "./objects";
export { applyOperation, OperandsError } from "./operations";
export { type OwnFunction, registerKerasFunction } from "./ownFunctions";
export { type OwnLayerClass, registerKerasLayer } from "./ownLayers";
export {
  type OwnLossClass,
  type OwnMetricClass,
  registerKerasLoss,
  registerKerasMetric,
} from "./ownObjectives";
export { type SaveModelOptions, saveModel, saveWeights } from "./saveModel";
export { weightPaths } from "./weightPaths";
