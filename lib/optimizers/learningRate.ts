/** The learning rate of any tfjs optimizer. */

import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { ConvnetsError } from "../errors";
import { internals } from "../tfjs";

/** tfjs hides the field in every optimizer; sgd and momentum keep a tensor of it, so they have a setter. */
interface WithLearningRate {
  learningRate?: number;
  setLearningRate?(value: number): void;
}

function optimizerOf(model: LayersModel): WithLearningRate {
  const optimizer = internals(model).optimizer_ as WithLearningRate | undefined;
  if (typeof optimizer?.learningRate !== "number") {
    throw new ConvnetsError(
      optimizer === undefined
        ? "The model has no learning rate, because it is not compiled."
        : "The model's optimizer has no learning rate that can be changed.",
    );
  }
  return optimizer;
}

/** The current learning rate of a compiled model. */
export function getLearningRate(model: LayersModel): number {
  return optimizerOf(model).learningRate!;
}

/**
 * Changes the learning rate of a compiled model; optimizer state stays.
 *
 * @throws InvalidArgumentError when `value` is negative or no number.
 */
export function setLearningRate(model: LayersModel, value: number): void {
  checkNumber("learningRate", value, { low: 0, required: true });
  const optimizer = optimizerOf(model);
  if (optimizer.setLearningRate) optimizer.setLearningRate(value);
  else optimizer.learningRate = value;
}
