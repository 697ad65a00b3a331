/** The learning rate of any tfjs optimizer. */
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, invalidArgument } from "../errors";
import { learningRateOf, optimizerOf, setLearningRateOf } from "../tfjs";

function steppingOptimizer(model: LayersModel): { optimizer: Optimizer; learningRate: number } {
  const optimizer = optimizerOf(model);
  const learningRate = optimizer && learningRateOf(optimizer);
  if (optimizer !== undefined && learningRate !== undefined) return { optimizer, learningRate };
  throw new ConvnetsError(
    optimizer === undefined
      ? "The model has no learning rate, because it is not compiled."
      : "The model's optimizer has no learning rate that can be changed.",
  );
}

/** The current learning rate of a compiled model. */
export function getLearningRate(model: LayersModel): number {
  return steppingOptimizer(model).learningRate;
}

/**
 * Changes the learning rate of a compiled model; optimizer state stays.
 *
 * @throws InvalidArgumentError when `value` is negative or no number.
 */
export function setLearningRate(model: LayersModel, value: number): void {
  if (!Number.isFinite(value) || value < 0) {
    throw invalidArgument("learningRate", { expected: "a number of at least 0", received: value });
  }
  setLearningRateOf(steppingOptimizer(model).optimizer, value);
}
