/** From a network's 1,000 probabilities to names. */

import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole, rejectUnknownOptions } from "../checks";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import { imagenetClasses } from "./imagenetClasses";

/** Options of `decodePredictions`. */
export interface DecodeOptions {
  /** How many guesses to return for each image. @default 5 */
  top?: number;
}

/** One guess. */
export interface DecodedPrediction {
  /** The id of the class' WordNet synset: `"n02123045"`. */
  className: string;
  /** Its name: `"tabby"`. */
  classDescription: string;
  /** The network's number for it; a probability with Keras' top. */
  score: number;
}

/**
 * Names the most probable of ImageNet's classes for each image. The names come with the library.
 *
 * @param predictions `[images, 1000]`, what a network with ImageNet's top gives. Stays the caller's.
 * @returns For each image its guesses, the most probable first.
 * @throws InvalidArgumentError for predictions of another shape.
 * @see https://keras.io/api/applications/
 */
export function decodePredictions(
  predictions: Tensor,
  options: DecodeOptions = {},
): DecodedPrediction[][] {
  rejectUnknownOptions(options, { top: true }, "decodePredictions");
  const { top = 5 } = options;
  checkWhole("top", top, { low: 1, high: 1000 });
  const isTensor = predictions instanceof tf.Tensor;
  if (!isTensor || predictions.rank !== 2 || predictions.shape[1] !== 1000) {
    throw invalidArgument("predictions", {
      expected: "a tensor of the shape [images, 1000], which networks with ImageNet's top give",
      received: predictions,
    });
  }
  const scores = predictions.dataSync();
  const classes = imagenetClasses();
  return Array.from({ length: predictions.shape[0]! }, (_, image) =>
    classes
      .map(([className, classDescription], i) => {
        return { className, classDescription, score: scores[image * 1000 + i]! };
      })
      .sort((a, b) => b.score - a.score)
      .slice(0, top),
  );
}
