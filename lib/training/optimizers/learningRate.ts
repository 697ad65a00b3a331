/** Tells whoever compiles a training step which tensor is the learning rate. */
import type { Scalar } from "@tensorflow/tfjs-node-gpu";
import type { KerasOptimizer } from "./optimizer";

/** Told of every learning-rate tensor that an optimizer makes; the graph tracer listens. */
export type LearningRateListener = (tensor: Scalar, optimizer: KerasOptimizer) => void;
let listener: LearningRateListener | undefined;

/** Installs the listener (one at a time) and returns a function that removes it. */
export function listenToLearningRate(callback: LearningRateListener): () => void {
  listener = callback;
  return () => {
    listener = undefined;
  };
}

/** Announces a learning-rate tensor to the listener. */
export function announceLearningRate(tensor: Scalar, optimizer: KerasOptimizer): void {
  listener?.(tensor, optimizer);
}
