/** Whether outputs say what labels do, sample by sample. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";

/** Whether each label is the number that the output is, of both classes. */
export function isRight(yTrue: Tensor, yPred: Tensor, threshold: number): Tensor {
  const guesses = tf.cast(tf.greater(yPred, threshold), "float32");
  return tf.mean(tf.cast(tf.equal(tf.cast(yTrue, "float32"), guesses), "float32"), -1);
}

/** Whether the largest output is that of a one-hot label's class. */
export function isRightClass(yTrue: Tensor, yPred: Tensor): Tensor {
  return tf.cast(tf.equal(tf.argMax(yTrue, -1), tf.argMax(yPred, -1)), "float32");
}

/** Whether the largest output is that of the class. */
export function isRightNumber(yTrue: Tensor, yPred: Tensor): Tensor {
  const labels = yTrue.rank === yPred.rank ? tf.squeeze(yTrue, [yTrue.rank - 1]) : yTrue;
  return tf.cast(
    tf.equal(tf.cast(labels, "int32"), tf.cast(tf.argMax(yPred, -1), "int32")),
    "float32",
  );
}
