/** All of tfjs, values and types, on the TensorFlow that set-up installed. */
import "../native";

export * from "@tensorflow/tfjs-node-gpu";

// Heard of by who draws them anew for each run of a graph.
export {
  dropout,
  randomGamma,
  randomNormal,
  randomStandardNormal,
  randomUniform,
  randomUniformInt,
  truncatedNormal,
} from "./draws";
// Named as Keras names them.
export { input, model, sequential } from "./named";
