/** Networks of Keras' applications, with trained weights. */
export type { Application } from "./application";
export type { DecodedPrediction, DecodeOptions } from "./decodePredictions";
export { denseNet121, denseNet169, denseNet201 } from "./denseNet";
export { inceptionV3 } from "./inceptionV3";
export { type MobileNetV2Options, mobileNetV2 } from "./mobileNetV2";
export type { ApplicationOptions, PackagedOptions } from "./options";
export type { PreprocessInput } from "./preprocessing";
export { resNet50, resNet50V2, resNet101, resNet101V2, resNet152, resNet152V2 } from "./resNet";
export { type Vgg16Options, vgg16 } from "./vgg16";
export { type WeightsDescription, weightsOf } from "./weights";
export { xception } from "./xception";
