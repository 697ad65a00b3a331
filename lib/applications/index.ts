/** Networks of Keras' applications, with trained weights. */
export { WeightsUnavailableError } from "./kerasFiles";
