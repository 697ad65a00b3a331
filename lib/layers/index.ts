/** Keras' preprocessing, augmentation and dropout layers, on TensorFlow's own kernels. */
export { attendByKernel } from "./attend";
export { spaceToDepth } from "./depth";
export { Dropout, SpatialDropout1D } from "./dropout";
export { einsum, einsumShape } from "./einsum";
export { normalization, rescaling } from "./factories";
export * as formulas from "./formulas";
export { joiningMoves } from "./moves";
export { AlphaDropout, GaussianDropout, GaussianNoise } from "./noise";
export { extractPatches, type PatchOptions } from "./patches";
export { Pipeline } from "./pipeline";
export { keySourcesOf, RandomLayer } from "./randomLayer";
export { recurrentStandIn } from "./recurrentStandIn";
export { registerLayers } from "./registry";
export { resizeImages } from "./resize";
export { SpectralNormalization } from "./spectralNormalization";
export { causal } from "./visibility";
