/** Networks of Keras' applications: VGG16 and MobileNetV2, with trained weights. */
export type { DecodedPrediction, DecodeOptions } from "./decodePredictions";
export { type MobileNetV2Options, mobileNetV2 } from "./mobileNetV2";
export type { ApplicationOptions } from "./options";
export type { PreprocessInput } from "./preprocessing";
export { type Vgg16Options, vgg16 } from "./vgg16";
export { type WeightsDescription, weightsOf } from "./weights";
