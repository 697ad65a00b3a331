/** Keras' files, both ways. */
export { ModelFileError } from "./json";
export {
  type LoadModelOptions,
  type LoadWeightsOptions,
  loadModel,
  loadWeights,
} from "./loadModel";
export { OperandsError } from "./operations";
export { type OwnLayerClass, registerKerasLayer } from "./ownLayers";
export { type SaveModelOptions, saveModel, saveWeights } from "./saveModel";
export { weightPaths } from "./weightPaths";
