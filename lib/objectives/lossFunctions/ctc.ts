/** The loss of sequences that nobody has aligned. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { rejectUnknownOptions } from "../../checks";
import { invalidArgument } from "../../errors";
import { tf } from "../../tfjs";
import { type KerasLoss, type LossOptions, lossOptions, makeLoss } from "../loss";

/** Stands for minus infinity, which has no gradient. */
const never = -1e30;

/**
 * Connectionist temporal classification: for text in pictures, whose letters have no known places.
 *
 * Class 0 is the blank between letters, and what fills up labels.
 *
 * @returns A function of labels `[batch, letters]` int32 and logits `[batch, steps, classes]` float32; it gives `[batch]`
 *   float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed, and labels or outputs of other
 *   shapes.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 5, inputShape: [12, 8] })] });
 * model.compile({ optimizer: "adam", loss: losses.ctc() });
 * @see https://keras.io/api/losses/probabilistic_losses/#ctc-class
 */
export const ctc = (options: LossOptions = {}): KerasLoss => {
  rejectUnknownOptions(options, { ...lossOptions }, "losses.ctc");
  return makeLoss("ctc", {
    ...{ given: options, options: {}, losses: ctcLosses },
    labels: "sequences",
  });
};

/**
 * Sums the probabilities of all alignments, step by step.
 *
 * The states of an alignment are the letters with a blank before, between and behind: only from one letter to another
 * that differs may the blank be left out.
 */
function ctcLosses(yTrue: Tensor, logits: Tensor): Tensor {
  if (yTrue.rank !== 2 || logits.rank !== 3) {
    throw invalidArgument("loss", {
      expected: "ctc with labels [batch, letters] and outputs [batch, steps, classes]",
      received: `labels [${yTrue.shape}] and outputs [${logits.shape}]`,
    });
  }
  const [batch, steps, classes] = logits.shape as [number, number, number];
  const letters = yTrue.shape[1]!;
  const states = 2 * letters + 1;
  const labels = tf.cast(yTrue, "int32");
  const blanks = tf.zerosLike(labels);
  const between = tf.reshape(tf.stack([blanks, labels], 2), [batch, 2 * letters]);
  const symbols = tf.concat([between, tf.zeros([batch, 1], "int32")], 1);
  const chosen = tf.cast(tf.oneHot(symbols, classes), "float32");
  // [batch, steps, states]
  const gains = tf.matMul(tf.logSoftmax(logits), chosen, false, true);
  const all = tf.unstack(gains, 1);
  const before = (alpha: Tensor, by: number) =>
    tf.concat([tf.fill([batch, by], never), tf.slice(alpha, [0, 0], [batch, states - by])], 1);
  const isOther = tf.notEqual(
    symbols,
    tf.concat([tf.fill([batch, 2], 0, "int32"), tf.slice(symbols, [0, 0], [batch, states - 2])], 1),
  );
  const mayJump = tf.logicalAnd(isOther, tf.notEqual(symbols, tf.scalar(0, "int32")));
  const nowhere = tf.fill([batch, states], never);
  const isFirst = tf.tensor1d(
    Array.from({ length: states }, (_, i) => i < 2),
    "bool",
  );
  let alpha = tf.where(tf.tile(tf.reshape(isFirst, [1, states]), [batch, 1]), all[0]!, nowhere);
  for (const gain of all.slice(1, steps)) {
    const jumped = tf.where(mayJump, before(alpha, 2), nowhere);
    alpha = tf.add(tf.logSumExp(tf.stack([alpha, before(alpha, 1), jumped], 2), 2), gain);
  }
  const length = tf.sum(tf.cast(tf.notEqual(labels, blanks), "int32"), 1);
  const isLast = tf.add(
    tf.oneHot(tf.mul(length, tf.scalar(2, "int32")), states),
    tf.oneHot(tf.sub(tf.mul(length, tf.scalar(2, "int32")), tf.scalar(1, "int32")), states),
  );
  return tf.neg(tf.logSumExp(tf.where(tf.cast(isLast, "bool"), alpha, nowhere), 1));
}
