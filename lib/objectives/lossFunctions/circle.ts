/** A loss of embeddings. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, rejectUnknownOptions } from "../../checks";
import { tf } from "../../tfjs";
import { type KerasLoss, type LossOptions, lossOptions, makeLoss } from "../loss";

/** Options of `losses.circle`. */
export interface CircleOptions extends LossOptions {
  /** The scale of similarities. @default 80 */
  gamma?: number;
  /** How far apart classes should be, and how close one class. @default 0.4 */
  margin?: number;
  /** Whether a sample is not compared with itself. @default true */
  removeDiagonal?: boolean;
}

/** Stands for minus infinity, which has no gradient. */
const never = -1e30;

/**
 * Pulls embeddings of one class together and others apart, what is far off most.
 *
 * Keras weighs by cosine distances, as given: the outputs should have length 1, as `layers.unitNormalization()` makes
 * them. A sample that is the only one of its class has no part in the loss.
 *
 * @returns A function of class numbers `[batch]` int32 and embeddings `[batch, units]` float32; it gives `[batch]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.circle({ margin: 0.25 }) });
 * @see https://arxiv.org/abs/2002.10857
 */
export const circle = (options: CircleOptions = {}): KerasLoss => {
  const known = { gamma: true, margin: true, removeDiagonal: true, ...lossOptions } as const;
  rejectUnknownOptions(options, known, "losses.circle");
  const { gamma = 80, margin = 0.4, removeDiagonal = true } = options;
  checkNumber("gamma", gamma, { above: 0 });
  checkNumber("margin", margin, { low: 0, high: 1 });
  checkBoolean("removeDiagonal", removeDiagonal);
  const losses = (yTrue: Tensor, yPred: Tensor) => {
    const labels = tf.cast(tf.reshape(yTrue, [-1, 1]), "int32");
    const isSame = tf.equal(labels, tf.transpose(labels));
    const size = labels.shape[0]!;
    const others = tf.sub(1, removeDiagonal ? tf.eye(size) : 0);
    const same = tf.mul(tf.cast(isSame, "float32"), others);
    const different = tf.cast(tf.logicalNot(isSame), "float32");
    const distances = tf.relu(tf.sub(1, tf.matMul(yPred, yPred, false, true)));
    const drawn = tf.mul(tf.relu(tf.mul(tf.add(margin, distances), same)), -gamma);
    const pushed = tf.mul(tf.relu(tf.mul(tf.sub(1 + margin, distances), different)), gamma);
    const together = tf.mul(drawn, tf.sub(margin, distances));
    const apart = tf.mul(pushed, tf.sub(1 - margin, distances));
    const total = (values: Tensor, mask: Tensor) =>
      tf.logSumExp(tf.where(tf.cast(mask, "bool"), values, tf.fill(values.shape, never)), 1);
    return tf.softplus(tf.add(total(together, same), total(apart, different)));
  };
  return makeLoss("circle", {
    given: options,
    options: { gamma, margin, removeDiagonal },
    losses,
    labels: "groups",
    counted: (_yTrue, values) => tf.greater(values, 0),
  });
};
