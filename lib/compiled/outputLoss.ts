/** The loss of an output, which a step minimises. */
import type { Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Normalizer, normalizerOf, type OutputObjective, reduced } from "../objectives";
import { tf } from "../tfjs";

/** One number of the losses of the samples, as Keras has it, and what it was divided by. */
export function outputLoss(
  { loss, lossFunction, reduction }: OutputObjective,
  given: {
    yTrue: Tensor;
    yPred: Tensor;
    weights: Tensor | undefined;
    mask: Tensor | undefined;
  },
): { loss: Scalar; normalizer: () => Normalizer } {
  const { yTrue, yPred, weights } = given;
  const values = lossFunction(yTrue, yPred);
  const counted = loss?.counted?.(yTrue, values);
  const mask =
    given.mask && counted
      ? tf.logicalAnd(tf.cast(given.mask, "bool"), counted)
      : (counted ?? given.mask);
  const how = { weights, mask, reduction };
  return { loss: reduced(values, how), normalizer: () => normalizerOf(how) };
}
