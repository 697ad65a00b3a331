/** The best that one number can be while another is at least as good as asked for. */
import { checkNumber, checkWhole, rejectUnknownOptions } from "../../checks";
import { type Point, ratio } from "../curves";
import { type KerasMetric, type MetricOptions, makeMetric } from "../metric";
import { counting } from "./confusion";

/** What these metrics have in common. */
export interface OperatingPointOptions extends MetricOptions {
  /** How many thresholds, evenly from 0 to 1, are tried. @default 200 */
  numThresholds?: number;
  /** The only class that counts. @default all */
  classId?: number | null;
}

/** Options of `metrics.sensitivityAtSpecificity`. */
export interface SensitivityAtSpecificityOptions extends OperatingPointOptions {
  /** The specificity that there must be, in [0, 1]. */
  specificity: number;
}

/** Options of `metrics.specificityAtSensitivity`. */
export interface SpecificityAtSensitivityOptions extends OperatingPointOptions {
  /** The sensitivity that there must be, in [0, 1]. */
  sensitivity: number;
}

/** Options of `metrics.precisionAtRecall`. */
export interface PrecisionAtRecallOptions extends OperatingPointOptions {
  /** The recall that there must be, in [0, 1]. */
  recall: number;
}

/** Options of `metrics.recallAtPrecision`. */
export interface RecallAtPrecisionOptions extends OperatingPointOptions {
  /** The precision that there must be, in [0, 1]. */
  precision: number;
}

const rates = {
  sensitivity: ({ truePositives, falseNegatives }: Point) =>
    ratio(truePositives, truePositives + falseNegatives),
  specificity: ({ trueNegatives, falsePositives }: Point) =>
    ratio(trueNegatives, trueNegatives + falsePositives),
  precision: ({ truePositives, falsePositives }: Point) =>
    ratio(truePositives, truePositives + falsePositives),
  recall: ({ truePositives, falseNegatives }: Point) =>
    ratio(truePositives, truePositives + falseNegatives),
};

const known = { numThresholds: true, classId: true, name: true } as const;

type Rate = keyof typeof rates;

function atBest(
  kind: string,
  given: OperatingPointOptions & Partial<Record<Rate, number>>,
  { asked, best }: { asked: Rate; best: Rate },
): KerasMetric {
  const { [asked]: least, numThresholds = 200, classId = null } = given;
  checkNumber(asked, least, { low: 0, high: 1, required: true });
  checkWhole("numThresholds", numThresholds, { low: 1, high: 100_000 });
  checkWhole("classId", classId ?? undefined, { low: 0 });
  const thresholds =
    numThresholds === 1
      ? [0.5]
      : Array.from({ length: numThresholds }, (_, i) => i / (numThresholds - 1));
  const result = (points: Point[]) =>
    // Keras' rates are of float32, and so is the one that is asked for.
    points
      .filter((point) => Math.fround(rates[asked](point)) >= Math.fround(least!))
      .reduce((most, point) => Math.max(most, rates[best](point)), 0);
  return makeMetric(kind, given, {
    options: { [asked]: least!, numThresholds, classId },
    metric: () => counting({ thresholds, classId }, result),
  });
}

/**
 * The greatest sensitivity at a threshold where the specificity is as great as asked for; 0 where it nowhere is.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.sensitivityAtSpecificity({ specificity: 0.8 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#sensitivityatspecificity-class
 */
export const sensitivityAtSpecificity = (options: SensitivityAtSpecificityOptions): KerasMetric => {
  rejectUnknownOptions(
    options,
    { ...known, specificity: true },
    "metrics.sensitivityAtSpecificity",
  );
  return atBest("sensitivityAtSpecificity", options, { asked: "specificity", best: "sensitivity" });
};

/**
 * The greatest specificity at a threshold where the sensitivity is as great as asked for; 0 where it nowhere is.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.specificityAtSensitivity({ sensitivity: 0.8 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#specificityatsensitivity-class
 */
export const specificityAtSensitivity = (options: SpecificityAtSensitivityOptions): KerasMetric => {
  rejectUnknownOptions(
    options,
    { ...known, sensitivity: true },
    "metrics.specificityAtSensitivity",
  );
  return atBest("specificityAtSensitivity", options, { asked: "sensitivity", best: "specificity" });
};

/**
 * The greatest precision at a threshold where the recall is as great as asked for; 0 where it nowhere is.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.precisionAtRecall({ recall: 0.8 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#precisionatrecall-class
 */
export const precisionAtRecall = (options: PrecisionAtRecallOptions): KerasMetric => {
  rejectUnknownOptions(options, { ...known, recall: true }, "metrics.precisionAtRecall");
  return atBest("precisionAtRecall", options, { asked: "recall", best: "precision" });
};

/**
 * The greatest recall at a threshold where the precision is as great as asked for; 0 where it nowhere is.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.recallAtPrecision({ precision: 0.8 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#recallatprecision-class
 */
export const recallAtPrecision = (options: RecallAtPrecisionOptions): KerasMetric => {
  rejectUnknownOptions(options, { ...known, precision: true }, "metrics.recallAtPrecision");
  return atBest("recallAtPrecision", options, { asked: "precision", best: "recall" });
};
