/** Keras' preprocessing, augmentation and dropout layers, on TensorFlow's own kernels. */
export { Dropout, SpatialDropout1D } from "./dropout";
export { normalization, rescaling } from "./factories";
export { joiningMoves } from "./moves";
export { AlphaDropout, GaussianDropout, GaussianNoise } from "./noise";
export { keySourcesOf, RandomLayer } from "./randomLayer";
export { registerLayers } from "./registry";
