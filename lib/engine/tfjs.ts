/** All of tfjs, values and types, on the TensorFlow that set-up installed. */
import "./prepare";

export * from "@tensorflow/tfjs-node-gpu";
