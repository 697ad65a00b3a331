/** Keras' preprocessing, augmentation and dropout layers, on TensorFlow's own kernels. */

export type { ActivityRegularizationOptions } from "./activityRegularization";
export type { AdaptivePoolingOptions } from "./adaptivePooling";
export type { AdditiveAttentionOptions, AttentionOptions } from "./attention";
export {
  additiveAttention,
  attention,
  einsumDense,
  groupQueryAttention,
  multiHeadAttention,
  reversibleEmbedding,
} from "./attentionFactories";
export {
  augMix,
  cutMix,
  mixUp,
  pipeline,
  randAugment,
  randomElasticTransform,
  randomErasing,
  randomPerspective,
  randomShear,
} from "./augmentationFactories";
export type { BidirectionalOptions } from "./bidirectional";
export type {
  Cropping1DOptions,
  Cropping3DOptions,
  ZeroPadding1DOptions,
  ZeroPadding3DOptions,
} from "./borders";
export type { CategoryEncodingOptions, DiscretizationOptions } from "./categories";
export * from "./categoryFactories";
export type { GRUCellOptions, LSTMCellOptions } from "./cells";
export type { ContrastLimitedAdaptiveHistogramEqualizationOptions } from "./clahe";
export {
  autoContrast,
  contrastLimitedAdaptiveHistogramEqualization,
  equalization,
  randomColorDegeneration,
  randomColorJitter,
  randomGaussianBlur,
  randomGrayscale,
  randomHue,
  randomInvert,
  randomPosterization,
  randomSaturation,
  randomSharpness,
  solarization,
} from "./colourFactories";
export {
  type Conv1DOptions,
  type ConvolutionOptions,
  conv1d,
  conv2d,
  conv3d,
} from "./convolutionFactories";
export {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  type SpatialDropoutOptions,
} from "./dropout";
export type { EinsumDenseOptions, ProjectionOptions } from "./einsumDense";
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
  spatialDropout3d,
} from "./factories";
export type { GlobalPoolingOptions } from "./globalPooling";
export type { GroupNormalizationOptions } from "./groupNormalization";
export type { GroupQueryAttentionOptions } from "./groupQueryAttention";
export type { HashedCrossingOptions, HashingOptions } from "./hashing";
export type { HeadOptions } from "./headedAttention";
export type { IntegerLookup, IntegerLookupOptions } from "./integerLookup";
export type { LayerNormalizationOptions } from "./layerNormalization";
export type { MelSpectrogramOptions } from "./melSpectrogram";
export {
  CutMix,
  type CutMixOptions,
  type LabelledImages,
  MixUp,
  type MixUpOptions,
} from "./mixing";
export type { MultiHeadAttentionOptions } from "./multiHeadAttention";
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
export type { PipelineOptions } from "./pipeline";
export {
  elu,
  groupNormalization,
  identity,
  layerNormalization,
  reLU,
  rmsNormalization,
  spectralNormalization,
  subtract,
  unitNormalization,
} from "./plainFactories";
export * from "./poolingFactories";
export type { FillMode, Interpolation } from "./projectiveTransform";
export { AugMix, type AugMixOptions, RandAugment, type RandAugmentOptions } from "./randAugment";
export {
  RandomBrightness,
  type RandomBrightnessOptions,
  RandomContrast,
  type RandomContrastOptions,
} from "./randomColor";
export { RandomColorJitter, type RandomColorJitterOptions } from "./randomColorJitter";
export { RandomCrop, type RandomCropOptions } from "./randomCrop";
export {
  RandomElasticTransform,
  type RandomElasticTransformOptions,
} from "./randomElasticTransform";
export { RandomErasing, type RandomErasingOptions } from "./randomErasing";
export {
  RandomGaussianBlur,
  type RandomGaussianBlurOptions,
  RandomSharpness,
  type RandomSharpnessOptions,
} from "./randomFilters";
export { type FlipMode, RandomFlip, type RandomFlipOptions } from "./randomFlip";
export {
  RandomHue,
  type RandomHueOptions,
  RandomSaturation,
  type RandomSaturationOptions,
} from "./randomHue";
export { RandomPerspective, type RandomPerspectiveOptions } from "./randomPerspective";
export { RandomRotation, type RandomRotationOptions } from "./randomRotation";
export {
  RandomColorDegeneration,
  type RandomColorDegenerationOptions,
  RandomGrayscale,
  type RandomGrayscaleOptions,
  RandomInvert,
  type RandomInvertOptions,
} from "./randomShades";
export { RandomShear, type RandomShearOptions } from "./randomShear";
export {
  RandomPosterization,
  type RandomPosterizationOptions,
  Solarization,
  type SolarizationOptions,
} from "./randomTones";
export { RandomTranslation, type RandomTranslationOptions } from "./randomTranslation";
export { RandomZoom, type RandomZoomOptions } from "./randomZoom";
export type { ELUOptions, ReLUOptions } from "./rectifiers";
export {
  bidirectional,
  convLstm1d,
  convLstm2d,
  convLstm3d,
  gru,
  gruCell,
  lstm,
  lstmCell,
  rnn,
  simpleRNN,
  simpleRNNCell,
  stackedRNNCells,
} from "./recurrentFactories";
export type {
  ConvLSTMOptions,
  GRUOptions,
  LSTMOptions,
  SimpleRNNOptions,
} from "./recurrentLayers";
export type {
  GatedOptions,
  RecurrentOptions,
  RNNOptions,
  SequenceOptions,
  SimpleRNNCellOptions,
} from "./recurrentOptions";
export type { ResizeMethod } from "./resize";
export { CenterCrop, Resizing, type ResizingOptions, type SizeOptions } from "./resizing";
export type { ReversibleEmbeddingOptions } from "./reversibleEmbedding";
export type { RMSNormalizationOptions, UnitNormalizationOptions } from "./rootNormalizers";
export {
  type DepthwiseConv1DOptions,
  depthwiseConv1d,
  type SeparableConvOptions,
  separableConv1d,
  separableConv2d,
} from "./separableFactories";
export type { SequencePoolingOptions } from "./sequencePooling";
export {
  cropping1d,
  cropping3d,
  upSampling1d,
  upSampling2d,
  upSampling3d,
  zeroPadding1d,
  zeroPadding3d,
} from "./spatialFactories";
export type { DataFormatOptions } from "./spatialLayer";
export type { SpectralNormalizationOptions } from "./spectralNormalization";
export type { StackedRNNCellsOptions } from "./stackedCells";
export type { EqualizationOptions, ToneOptions } from "./tones";
export {
  conv1dTranspose,
  conv2dTranspose,
  conv3dTranspose,
  type TransposedConvolutionOptions,
} from "./transposedFactories";
export type {
  UpSampling1DOptions,
  UpSampling2DOptions,
  UpSampling3DOptions,
} from "./upSampling";
