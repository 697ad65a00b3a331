/** Keras' preprocessing, augmentation and dropout layers, on TensorFlow's own kernels. */
export { type ConvolutionOptions, conv1d, conv2d, conv3d } from "./convolutionFactories";
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
export type { GlobalPoolingOptions } from "./globalPooling";
export type { GroupNormalizationOptions } from "./groupNormalization";
export {
  AlphaDropout,
  type AlphaDropoutOptions,
  GaussianDropout,
  type GaussianDropoutOptions,
  GaussianNoise,
  type GaussianNoiseOptions,
} from "./noise";
export { Normalization, type NormalizationOptions } from "./normalization";
export type { CommonLayerOptions, Factor } from "./options";
export {
  elu,
  groupNormalization,
  identity,
  reLU,
  rmsNormalization,
  subtract,
  unitNormalization,
} from "./plainFactories";
export {
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalAveragePooling3d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  globalMaxPooling3d,
} from "./poolingFactories";
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
export type { ELUOptions, ReLUOptions } from "./rectifiers";
export type { ResizeMethod } from "./resize";
export { CenterCrop, Resizing, type ResizingOptions, type SizeOptions } from "./resizing";
export type { RMSNormalizationOptions, UnitNormalizationOptions } from "./rootNormalizers";
