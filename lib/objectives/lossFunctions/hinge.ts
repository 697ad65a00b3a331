/** Losses that ask for a margin. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../tfjs";
import type { KerasLoss, LossOptions } from "../loss";
import { plainLoss } from "./regression";

/** How far each output is from the right side of the margin. Labels that are all 0 or 1 stand for -1 and 1. */
function shortfall(yTrue: Tensor, yPred: Tensor): Tensor {
  const isBinary = tf.all(tf.logicalOr(tf.equal(yTrue, 0), tf.equal(yTrue, 1)));
  const labels = tf.where(isBinary, tf.sub(tf.mul(2, yTrue), 1), yTrue);
  return tf.maximum(tf.sub(1, tf.mul(labels, yPred)), 0);
}

/**
 * How far outputs are from the right side of a margin; labels are -1 and 1, or 0 and 1.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.hinge() });
 * @see https://keras.io/api/losses/hinge_losses/#hinge-class
 */
export const hinge = (options: LossOptions = {}): KerasLoss =>
  plainLoss("hinge", options, (yTrue, yPred) => tf.mean(shortfall(yTrue, yPred), -1));

/**
 * The square of how far outputs are from the right side of a margin.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.squaredHinge() });
 * @see https://keras.io/api/losses/hinge_losses/#squaredhinge-class
 */
export const squaredHinge = (options: LossOptions = {}): KerasLoss =>
  plainLoss("squaredHinge", options, (yTrue, yPred) =>
    tf.mean(tf.square(shortfall(yTrue, yPred)), -1),
  );

/**
 * How far the right class is from a margin before the strongest other one; labels are one-hot.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.categoricalHinge() });
 * @see https://keras.io/api/losses/hinge_losses/#categoricalhinge-class
 */
export const categoricalHinge = (options: LossOptions = {}): KerasLoss =>
  plainLoss("categoricalHinge", options, (yTrue, yPred) => {
    const right = tf.sum(tf.mul(yTrue, yPred), -1);
    const other = tf.max(tf.mul(tf.sub(1, yTrue), yPred), -1);
    return tf.maximum(tf.add(tf.sub(other, right), 1), 0);
  });
