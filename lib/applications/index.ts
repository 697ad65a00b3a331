/** Networks of Keras' applications: VGG16 and MobileNetV2, with trained weights. */
export { WeightsUnavailableError } from "./kerasFiles";
