/** Networks of Keras' applications, with trained weights. */
export type { Application } from "./application";
export {
  type ConvNeXtOptions,
  convNeXtBase,
  convNeXtLarge,
  convNeXtSmall,
  convNeXtTiny,
  convNeXtXLarge,
} from "./convNeXt";
export type { DecodedPrediction, DecodeOptions } from "./decodePredictions";
export { denseNet121, denseNet169, denseNet201 } from "./denseNet";
export {
  efficientNetB0,
  efficientNetB1,
  efficientNetB2,
  efficientNetB3,
  efficientNetB4,
  efficientNetB5,
  efficientNetB6,
  efficientNetB7,
} from "./efficientNet";
export {
  type EfficientNetV2Options,
  efficientNetV2B0,
  efficientNetV2B1,
  efficientNetV2B2,
  efficientNetV2B3,
} from "./efficientNetV2";
export { inceptionV3 } from "./inceptionV3";
export { type MobileNetOptions, mobileNet } from "./mobileNet";
export { type MobileNetV2Options, mobileNetV2 } from "./mobileNetV2";
export { type MobileNetV3Options, mobileNetV3Large, mobileNetV3Small } from "./mobileNetV3";
export type { ApplicationOptions, PackagedOptions } from "./options";
export type { PreprocessInput } from "./preprocessing";
export { resNet50, resNet50V2, resNet101, resNet101V2, resNet152, resNet152V2 } from "./resNet";
export { type Vgg16Options, vgg16 } from "./vgg16";
export { type WeightsDescription, weightsOf } from "./weights";
export { xception } from "./xception";
