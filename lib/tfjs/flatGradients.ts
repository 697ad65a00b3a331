/** Comparisons: their values jump, so that their gradient is 0. tfjs has none for most, and would refuse to train. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import * as tf from "./tfjs";

const ofTwo = [
  ...["Equal", "NotEqual", "Greater", "Less", "LessEqual"],
  ...["LogicalAnd", "LogicalOr"],
];

/** Lets what compares, and what goes on with its truth values, be trained through. */
export function flattenComparisons(): void {
  const none = (input: Tensor) => () => tf.zerosLike(tf.cast(input, "float32"));
  for (const kernelName of ofTwo) {
    tf.registerGradient({
      kernelName,
      inputsToSave: ["a", "b"],
      gradFunc: (_, [a, b]) => ({ a: none(a!), b: none(b!) }),
    });
  }
  for (const kernelName of ["LogicalNot", "All", "Any"]) {
    tf.registerGradient({
      kernelName,
      inputsToSave: ["x"],
      gradFunc: (_, [x]) => ({ x: none(x!) }),
    });
  }
}
