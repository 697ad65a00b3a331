/** The learning rate of any tfjs optimizer. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, invalidArgument } from "../errors";
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

/**
 * The current learning rate of a compiled model.
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
  return optimizerOf(model).learningRate!;
}

/**
 * Changes the learning rate of a compiled model; optimizer state stays.
 *
 * @param model A compiled model.
 * @param value The new step size, 0 or larger.
 * @throws InvalidArgumentError when `value` is negative or no number.
 * @throws ConvnetsError when the model is not compiled.
 * @example
 * import { setLearningRate, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: "rmsprop", loss: "meanSquaredError" });
 * setLearningRate(model, 1e-5);
 */
export function setLearningRate(model: LayersModel, value: number): void {
  if (!Number.isFinite(value) || value < 0) {
    throw invalidArgument("learningRate", { expected: "a number of at least 0", received: value });
  }
  const optimizer = optimizerOf(model);
  if (optimizer.setLearningRate) optimizer.setLearningRate(value);
  else optimizer.learningRate = value;
}
