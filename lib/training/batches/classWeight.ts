/** Weights of classes, turned into weights of samples. */
import { InvalidArgumentError, invalidArgument } from "../../errors";
import type { Column } from "./shapes";

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

/** Refuses weights of classes for samples that have weights. */
export function refuseBothWeights(): never {
  throw new InvalidArgumentError("`classWeight` and `sampleWeight` must not be given together.");
}

/**
 * The weight of each label: one for a sample, or one for each step or pixel where those have labels of their own.
 *
 * As in Keras the highest of several numbers is the class, and a single one is rounded, halves to the even class.
 *
 * @param labels Class numbers, 0 and 1, or one-hot rows; either kind may be soft.
 */
export function weightsOfClasses(
  labels: { values: ArrayLike<number>; sampleShape: number[]; dtype: Column["dtype"] },
  classWeight: ClassWeight,
): { values: Float32Array; sampleShape: number[] } {
  const { values, sampleShape, dtype } = labels;
  const areNumbers = dtype === "int32"; // as sparseCategoricalCrossentropy has them, without a last axis
  const width = areNumbers ? 1 : (sampleShape.at(-1) ?? 1);
  const weightOf = (start: number) =>
    classWeight[width === 1 ? roundToEven(values[start]!) : highest(values, start, width)] ?? 1;
  return {
    values: Float32Array.from({ length: values.length / width }, (_, i) => weightOf(i * width)),
    sampleShape: areNumbers ? sampleShape : sampleShape.slice(0, -1),
  };
}

function highest(values: ArrayLike<number>, start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

function roundToEven(value: number): number {
  const up = Math.round(value);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}
