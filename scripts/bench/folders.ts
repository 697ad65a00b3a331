/** Where the benchmark finds and keeps things. */
import path from "node:path";

/** The repository's root folder, seen from the compiled script. */
export const root = path.resolve(__dirname, "../../..");

/** 2,000 JPEG files in two class folders; below .cache, which set-up's commands leave alone. */
export const picturesFolder = path.join(root, ".cache/bench/cats_vs_dogs/train");

/** ONNX Runtime, and models converted for it. */
export const onnxFolder = path.join(root, ".cache/bench/onnx");

/** What converts them: packages of Python. */
export const onnxPackages = path.join(onnxFolder, "python");

/** A network of Keras' applications with random weights, in a file that Keras wrote. */
export const kerasFile = (network: string) =>
  path.join(root, ".cache/bench/keras", `${network}.keras`);
