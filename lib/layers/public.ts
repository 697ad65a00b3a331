/** Keras' preprocessing, augmentation and dropout layers, on TensorFlow's own kernels. */
export {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  type SpatialDropoutOptions,
} from "./dropout";
export {
  alphaDropout,
  centerCrop,
  dropout,
  gaussianDropout,
  gaussianNoise,
  normalization,
  type RescalingOptions,
  randomBrightness,
  randomContrast,
  randomCrop,
  randomFlip,
  randomRotation,
  randomTranslation,
  randomZoom,
  rescaling,
  resizing,
  spatialDropout1d,
  spatialDropout2d,
} from "./factories";
export {
  AlphaDropout,
  type AlphaDropoutOptions,
  GaussianDropout,
  type GaussianDropoutOptions,
  GaussianNoise,
  type GaussianNoiseOptions,
} from "./noise";
export { Normalization, type NormalizationOptions } from "./normalization";
export type { Factor } from "./options";
export type { FillMode, Interpolation } from "./projectiveTransform";
export {
  RandomBrightness,
  type RandomBrightnessOptions,
  RandomContrast,
  type RandomContrastOptions,
} from "./randomColor";
export { RandomCrop, type RandomCropOptions } from "./randomCrop";
export { type FlipMode, RandomFlip, type RandomFlipOptions } from "./randomFlip";
export { RandomRotation, type RandomRotationOptions } from "./randomRotation";
export { RandomTranslation, type RandomTranslationOptions } from "./randomTranslation";
export { RandomZoom, type RandomZoomOptions } from "./randomZoom";
export type { ResizeMethod } from "./resize";
export { CenterCrop, Resizing, type ResizingOptions, type SizeOptions } from "./resizing";
