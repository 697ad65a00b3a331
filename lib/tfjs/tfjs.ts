/** All of tfjs, values and types, on the TensorFlow that set-up installed. */
import "../native";

export * from "@tensorflow/tfjs-node-gpu";

// Named as Keras names them.
export { input, model, sequential } from "./named";
