/** The learning rate of any tfjs optimizer. */
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { ConvnetsError } from "../errors";
import { learningRateOf, optimizerOf, setLearningRateOf } from "../tfjs";
import { KerasOptimizer } from "./optimizer";

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

/**
 * The current learning rate of a compiled model, that of the next step.
 *
 * @param model A compiled model, with this library's optimizer or tfjs'.
 * @throws ConvnetsError when the model is not compiled.
 * @example
 * import { getLearningRate, optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.adam({ learningRate: 3e-4 }), loss: "meanSquaredError" });
 * console.log(getLearningRate(model)); // 0.0003
 */
export function getLearningRate(model: LayersModel): number {
  return steppingOptimizer(model).learningRate;
}

/**
 * Changes the learning rate of a compiled model; optimizer state stays.
 *
 * @param model A compiled model.
 * @param value The new step size, 0 or larger.
 * @throws InvalidArgumentError when `value` is negative or no number.
 * @throws ConvnetsError when the model is not compiled, or its rate follows a schedule.
 * @example
 * import { setLearningRate, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: "rmsprop", loss: "meanSquaredError" });
 * setLearningRate(model, 1e-5);
 */
export function setLearningRate(model: LayersModel, value: number): void {
  checkNumber("learningRate", value, { low: 0, required: true });
  setLearningRateOf(steppingOptimizer(model).optimizer, value);
}

/** Gives a model the rate that it had; one that follows a schedule needs none. */
export function restoreLearningRate(model: LayersModel, value: number): void {
  const optimizer = optimizerOf(model);
  if (optimizer instanceof KerasOptimizer) optimizer.rate.restore(value);
  else setLearningRate(model, value);
}
