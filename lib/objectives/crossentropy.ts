/**
 * Cross-entropies as Keras computes them.
 *
 * Of what comes from a softmax or sigmoid, Keras takes the loss from the logits before it: exact where probabilities
 * would underflow, and one fused TensorFlow op forward and backward. So do these, while a step of a model is computed.
 * As in Keras' TensorFlow backend it is all the same which of the two it was: a binary cross-entropy after a softmax
 * takes a softmax' logits for a sigmoid's.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */

import type { Tensor, Tensor1D } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber } from "../checks";
import { DType, isNoting, logitsBehind, runKernel, tf } from "../tfjs";

/** The cross-entropies. @inline */
type CrossentropyName =
  | "binaryCrossentropy"
  | "categoricalCrossentropy"
  | "sparseCategoricalCrossentropy";

/** A cross-entropy with its settings. @inline */
export interface Crossentropy {
  /** Which cross-entropy. */
  name: CrossentropyName;
  /** How far labels are pulled towards uniform, in [0, 1]. */
  labelSmoothing: number;
  /** Whether the model's outputs are logits, not probabilities. */
  fromLogits: boolean;
  /** Whether logits behind a softmax or sigmoid are left alone. @default false */
  isLiteral?: boolean;
  /** Which axis the binary one takes a mean over. @default -1 */
  axis?: number;
}

/** The options that are checked, with what is left out. */
export function smoothing(
  options: Partial<Pick<Crossentropy, "fromLogits" | "labelSmoothing">>,
): Pick<Crossentropy, "fromLogits" | "labelSmoothing"> {
  const { fromLogits: areLogits = false, labelSmoothing = 0 } = options;
  checkBoolean("fromLogits", areLogits);
  checkNumber("labelSmoothing", labelSmoothing, { low: 0, high: 1 });
  return { fromLogits: areLogits, labelSmoothing };
}

/** Keras' guard against the logarithm of zero. */
const epsilon = 1e-7;

/**
 * The loss of each sample.
 *
 * @param yTrue float32 labels shaped like `yPred`; for the sparse loss int32 [batch, …] without the last axis.
 * @param yPred float32 [batch, …, classes], the model's outputs.
 * @returns float32 [batch, …]; the caller disposes it.
 */
export function crossentropyLosses(loss: Crossentropy, yTrue: Tensor, yPred: Tensor): Tensor {
  const logits = loss.isLiteral ? undefined : logitsBehind(yPred);
  if (loss.fromLogits && logits !== undefined) warnOfActivation(loss);
  if (loss.fromLogits || logits !== undefined) return fromLogits(loss, yTrue, logits ?? yPred);
  return fromProbabilities(loss, yTrue, yPred);
}

/** Losses that were said to be given what are no logits; once is enough. */
const warned = new WeakSet<Crossentropy>();

function warnOfActivation(loss: Crossentropy): void {
  if (warned.has(loss)) return;
  warned.add(loss);
  console.warn(
    `The loss ${loss.name} has \`fromLogits: true\`, but the model's output comes from a softmax or sigmoid. As in Keras the loss is taken from what goes into that; leave out \`fromLogits\`, or the activation.`,
  );
}

/** The same from probabilities. */
function fromProbabilities(loss: Crossentropy, yTrue: Tensor, yPred: Tensor): Tensor {
  return tf.tidy(() => {
    if (loss.name === "binaryCrossentropy") {
      return tf.neg(tf.mean(binaryGain(smoothed(loss, yTrue), yPred), loss.axis ?? -1));
    }
    if (loss.name === "sparseCategoricalCrossentropy") {
      return fromLogits(loss, yTrue, tf.log(tf.clipByValue(yPred, epsilon, 1 - epsilon)));
    }
    const p = tf.clipByValue(tf.div(yPred, tf.sum(yPred, -1, true)), epsilon, 1 - epsilon);
    return tf.neg(tf.sum(tf.mul(smoothed(loss, yTrue), tf.log(p)), -1));
  });
}

/** The logarithm of what each label was given as its probability. */
function binaryGain(labels: Tensor, yPred: Tensor): Tensor {
  const p = tf.clipByValue(yPred, epsilon, 1 - epsilon);
  return tf.add(tf.mul(labels, tf.log(p)), tf.mul(tf.sub(1, labels), tf.log(tf.sub(1, p))));
}

/**
 * The binary cross-entropy of each element, from the logits behind it where there are some.
 *
 * @param options.logits The logits, where they are at hand.
 */
export function binaryElements(
  labels: Tensor,
  yPred: Tensor,
  { logits = logitsBehind(yPred) }: { logits?: Tensor },
): Tensor {
  if (logits !== undefined) return sigmoidCrossentropy(labels, logits);
  return tf.neg(binaryGain(labels, yPred));
}

/** The same from logits. */
function fromLogits(loss: Crossentropy, yTrue: Tensor, logits: Tensor): Tensor {
  return tf.tidy(() => {
    const y = smoothed(loss, yTrue);
    if (loss.name === "binaryCrossentropy") {
      return tf.mean(sigmoidCrossentropy(y, logits), loss.axis ?? -1);
    }
    const sparse = loss.name === "sparseCategoricalCrossentropy";
    const classes = logits.shape.at(-1)!;
    const rows = tf.reshape(logits, [-1, classes]);
    const labels = tf.reshape(y, sparse ? [-1] : [-1, classes]);
    const losses = softmaxCrossentropy(labels, rows, sparse);
    return tf.reshape(losses, logits.shape.slice(0, -1));
  });
}

function smoothed(loss: Crossentropy, yTrue: Tensor): Tensor {
  const amount = loss.labelSmoothing;
  if (amount === 0) return yTrue;
  const share = loss.name === "binaryCrossentropy" ? 2 : yTrue.shape.at(-1)!;
  return tf.add(tf.mul(yTrue, 1 - amount), amount / share);
}

/** max(x, 0) - x·y + log(1 + exp(-|x|)), whose gradient is sigmoid(x) - y. */
function sigmoidCrossentropy(labels: Tensor, logits: Tensor): Tensor {
  return tf.customGrad((x, save) => {
    const value = tf.add(
      tf.sub(tf.relu(x as Tensor), tf.mul(x as Tensor, labels)),
      tf.log1p(tf.exp(tf.neg(tf.abs(x as Tensor)))),
    );
    (save as (tensors: Tensor[]) => void)([x as Tensor, labels]);
    const gradFunc = (dy: Tensor, [logit, label]: Tensor[]) =>
      tf.mul(dy, tf.sub(tf.sigmoid(logit!), label!));
    return { value, gradFunc };
  })(logits);
}

/** TensorFlow's fused op gives the losses and their gradient at once. */
function softmaxCrossentropy(labels: Tensor, logits: Tensor, sparse: boolean): Tensor {
  return tf.customGrad((x, save) => {
    const [value, gradient] = sparse
      ? runKernel("SparseSoftmaxCrossEntropyWithLogits", [x as Tensor, labels], {
          attrs: { T: { type: DType.float32 }, Tlabels: { type: DType.int32 } },
          outputs: 2,
        })
      : runKernel("SoftmaxCrossEntropyWithLogits", [x as Tensor, labels], {
          attrs: { T: { type: DType.float32 } },
          outputs: 2,
        });
    (save as (tensors: Tensor[]) => void)([gradient!, x as Tensor, labels]);
    const gradFunc = (dy: Tensor, [known, logit, label]: Tensor[]) => {
      // A gradient of the gradient leads through what is computed from the logits only.
      const own = isNoting() ? softmaxGradient(logit!, label!, sparse) : known!;
      return tf.mul(tf.expandDims(dy, -1), own);
    };
    return { value: value!, gradFunc };
  })(logits);
}

function softmaxGradient(logits: Tensor, labels: Tensor, sparse: boolean): Tensor {
  const shares = sparse ? tf.oneHot(labels as Tensor1D, logits.shape.at(-1)!) : labels;
  return tf.sub(tf.softmax(logits), tf.cast(shares, "float32"));
}
