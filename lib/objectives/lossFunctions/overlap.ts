/** How little two regions overlap: losses of a batch as a whole. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkList, checkNumber, checkWhole, rejectUnknownOptions } from "../../checks";
import { tf } from "../../tfjs";
import { type KerasLoss, type LossOptions, lossOptions, makeLoss } from "../loss";

/** Options of `losses.dice`. */
export interface DiceOptions extends LossOptions {
  /** Which axes are one region: `[1, 2, 3]` is a picture each. @default all, the batch too */
  axis?: number | readonly number[] | null;
}

/** Options of `losses.tversky`. */
export interface TverskyOptions extends DiceOptions {
  /** What is missed counts so much; Keras' documentation calls these false positives. @default 0.5 */
  alpha?: number;
  /** What is wrongly found counts so much. @default 0.5 */
  beta?: number;
}

const epsilon = 1e-7;
const isAxis = (item: unknown) => Number.isInteger(item) && Math.abs(Number(item)) <= 8;

function checkAxis(axis: DiceOptions["axis"]): void {
  if (typeof axis === "number") checkWhole("axis", axis, { low: -8, high: 8 });
  else checkList("axis", axis ?? undefined, { what: "numbers of axes", fits: isAxis });
}

/** Sums over the axes that are one region. */
function summing(axis: DiceOptions["axis"]): (x: Tensor) => Tensor {
  return (x) =>
    tf.sum(x, typeof axis === "object" && axis !== null ? [...axis] : (axis ?? undefined));
}

/**
 * One less the Dice coefficient: for pictures of which the object is a small part.
 *
 * @returns A function of labels and probabilities of one shape, float32; it gives one float32 for the whole batch, or one
 *   for each region.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const mask = tf.layers.conv2d({ filters: 1, kernelSize: 1, activation: "sigmoid", inputShape: [8, 8, 3] });
 * const model = tf.sequential({ layers: [mask] });
 * model.compile({ optimizer: "adam", loss: losses.dice({ axis: [1, 2, 3] }) });
 * @see https://keras.io/api/losses/regression_losses/
 */
export const dice = (options: DiceOptions = {}): KerasLoss => {
  rejectUnknownOptions(options, { axis: true, ...lossOptions }, "losses.dice");
  const { axis = null } = options;
  checkAxis(axis);
  const sum = summing(axis);
  const losses = (yTrue: Tensor, yPred: Tensor) => {
    const common = tf.mul(sum(tf.mul(yTrue, yPred)), 2);
    return tf.sub(1, tf.div(common, tf.add(tf.add(sum(yTrue), sum(yPred)), epsilon)));
  };
  return makeLoss("dice", { given: options, options: { axis }, losses });
};

/**
 * A Dice loss that weighs what is missed and what is wrongly found.
 *
 * @returns A function of labels and probabilities of one shape, float32; it gives one float32 for the whole batch, or one
 *   for each region.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const mask = tf.layers.conv2d({ filters: 1, kernelSize: 1, activation: "sigmoid", inputShape: [8, 8, 3] });
 * const model = tf.sequential({ layers: [mask] });
 * model.compile({ optimizer: "adam", loss: losses.tversky({ alpha: 0.7, beta: 0.3 }) });
 * @see https://arxiv.org/abs/1706.05721
 */
export const tversky = (options: TverskyOptions = {}): KerasLoss => {
  const known = { alpha: true, beta: true, axis: true, ...lossOptions } as const;
  rejectUnknownOptions(options, known, "losses.tversky");
  const { alpha = 0.5, beta = 0.5, axis = null } = options;
  checkNumber("alpha", alpha, { low: 0 });
  checkNumber("beta", beta, { low: 0 });
  checkAxis(axis);
  const sum = summing(axis);
  const losses = (yTrue: Tensor, yPred: Tensor) => {
    const common = sum(tf.mul(yTrue, yPred));
    const missed = sum(tf.mul(tf.sub(1, yPred), yTrue));
    const wrong = sum(tf.mul(yPred, tf.sub(1, yTrue)));
    const apart = tf.add(tf.mul(missed, alpha), tf.mul(wrong, beta));
    return tf.sub(1, tf.div(common, tf.add(tf.add(common, apart), epsilon)));
  };
  return makeLoss("tversky", {
    given: options,
    options: { alpha, beta, axis },
    losses,
  });
};
