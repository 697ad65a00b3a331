/** Cross-entropies with settings, which tfjs' own losses don't have. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../engine";

/** The settings; a loss function carries them so that training and files can see what it computes. */
export interface CrossentropySettings {
  name: "binaryCrossentropy" | "categoricalCrossentropy" | "sparseCategoricalCrossentropy";
  labelSmoothing: number;
  fromLogits: boolean;
}

type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

const epsilon = 1e-7;

/**
 * A loss function of one value a sample, as tfjs' `compile` takes it.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function crossentropy(settings: CrossentropySettings): LossFunction {
  const loss = (yTrue: Tensor, yPred: Tensor) => tf.tidy(() => perSample(settings, yTrue, yPred));
  Object.defineProperty(loss, "name", { value: settings.name });
  return Object.assign(loss, { crossentropy: settings });
}

/** The settings that a loss function carries, if any. */
export function settingsOf(loss: unknown): CrossentropySettings | undefined {
  return typeof loss === "function" && "crossentropy" in loss
    ? (loss.crossentropy as CrossentropySettings)
    : undefined;
}

function perSample(settings: CrossentropySettings, yTrue: Tensor, yPred: Tensor): Tensor {
  const { name, fromLogits } = settings;
  if (name === "binaryCrossentropy") {
    const logits = fromLogits ? yPred : logit(tf.clipByValue(yPred, epsilon, 1 - epsilon));
    const labels = smoothed(settings, yTrue, 2);
    const losses = tf.add(
      tf.sub(tf.relu(logits), tf.mul(logits, labels)),
      tf.log1p(tf.exp(tf.neg(tf.abs(logits)))),
    );
    return tf.mean(losses, -1);
  }
  const classes = yPred.shape.at(-1)!;
  const logits = fromLogits ? yPred : tf.log(tf.clipByValue(yPred, epsilon, 1));
  const labels =
    name === "sparseCategoricalCrossentropy"
      ? tf.oneHot(tf.reshape(tf.cast(yTrue, "int32"), yPred.shape.slice(0, -1)), classes)
      : smoothed(settings, yTrue, classes);
  return tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1));
}

function logit(p: Tensor): Tensor {
  return tf.log(tf.div(p, tf.sub(1, p)));
}

function smoothed({ labelSmoothing }: CrossentropySettings, labels: Tensor, share: number): Tensor {
  if (labelSmoothing === 0) return labels;
  return tf.add(tf.mul(labels, 1 - labelSmoothing), labelSmoothing / share);
}
