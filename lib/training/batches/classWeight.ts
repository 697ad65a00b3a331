/** Weights of classes, turned into weights of samples. */
import { InvalidArgumentError, invalidArgument } from "../../errors";

/** Class number to weight; classes left out weigh 1. @inline */
export type ClassWeight = { [classNumber: number]: number };

/** Refuses class weights that Keras refuses. */
export function checkClassWeight(classWeight: ClassWeight, outputs: number): void {
  if (outputs !== 1) {
    throw new InvalidArgumentError("`classWeight` works for models with a single output only.");
  }
  for (const [key, weight] of Object.entries(classWeight)) {
    if (!/^\d+$/.test(key) || !Number.isFinite(weight) || weight < 0) {
      throw invalidArgument("classWeight", {
        expected: "an object of class numbers and weights of at least 0",
        received: classWeight,
      });
    }
  }
}

/**
 * The weight of each sample.
 *
 * @param labels Class numbers, 0 and 1, or one-hot rows.
 * @param samples How many samples `labels` holds.
 */
export function weightsOfClasses(
  labels: ArrayLike<number>,
  samples: number,
  classWeight: ClassWeight,
): Float32Array {
  const width = labels.length / samples;
  return Float32Array.from({ length: samples }, (_, i) => {
    let label = Math.trunc(labels[i * width]!);
    if (width > 1) {
      label = 0;
      for (let j = 1; j < width; j++) {
        if (labels[i * width + j]! > labels[i * width + label]!) label = j;
      }
    }
    return classWeight[label] ?? 1;
  });
}
