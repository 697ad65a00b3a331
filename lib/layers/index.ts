/** Keras' preprocessing, augmentation and dropout layers, on TensorFlow's own kernels. */
export { attendByKernel } from "./attend";
export { conv2d } from "./convolutionFactories";
export { spaceToDepth } from "./depth";
export { Dropout, dropoutMask, SpatialDropout1D } from "./dropout";
export { einsum, einsumShape } from "./einsum";
export { dropout, normalization, rescaling } from "./factories";
export * as formulas from "./formulas";
export { IntegerLookup } from "./integerLookup";
export { joiningMoves } from "./moves";
export { AlphaDropout, GaussianDropout, GaussianNoise } from "./noise";
export { OrthogonalRegularizer } from "./orthogonalRegularizer";
export { extractPatches, type PatchOptions } from "./patches";
export { Pipeline } from "./pipeline";
export { layerNormalization } from "./plainFactories";
export { globalAveragePooling2d } from "./poolingFactories";
export { keySourcesOf, RandomLayer } from "./randomLayer";
export { recurrentStandIn } from "./recurrentStandIn";
export { registerLayers } from "./registry";
/** Regularizers of Keras that tfjs lacks. */
export * as regularizers from "./regularizers";
export { resizeImages } from "./resize";
export { SpectralNormalization } from "./spectralNormalization";
export { causal } from "./visibility";
