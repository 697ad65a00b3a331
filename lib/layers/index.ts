/** Keras' preprocessing, augmentation and dropout layers, on TensorFlow's own kernels. */
export {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  type SpatialDropoutOptions,
} from "./dropout";
export {
  dropout,
  randomFlip,
  randomRotation,
  randomZoom,
  spatialDropout1d,
  spatialDropout2d,
} from "./factories";
export { type FlipMode, RandomFlip, type RandomFlipOptions } from "./randomFlip";
export { RandomLayer } from "./randomLayer";
export { RandomRotation, type RandomRotationOptions } from "./randomRotation";
export { RandomZoom, type RandomZoomOptions } from "./randomZoom";
export { registerLayers } from "./registry";
