/** What thresholds make of labels that are true or aren't, counted over whole epochs. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkList, checkNumber, checkWhole, rejectUnknownOptions } from "../../checks";
import { ConvnetsError } from "../../errors";
import { tf } from "../../tfjs";
import { type Point, pointsOf, ratio } from "../curves";
import {
  type KerasMetric,
  type Metric,
  type MetricOptions,
  makeMetric,
  weightsLike,
} from "../metric";
import { areEven, bucketSums, exceeded, exceededEven } from "../thresholds";

/** Options of `metrics.truePositives` and the like. */
export interface CountOptions extends MetricOptions {
  /**
   * Above which outputs something is found, in [0, 1]; of several, each has its number: `truePositives[1]`.
   *
   * @default 0.5
   */
  thresholds?: number | readonly number[] | null;
}

/** Options of `metrics.precision` and `metrics.recall`. */
export interface PrecisionOptions extends CountOptions {
  /** Only the k largest outputs of a sample are found; without thresholds they all are. @default all outputs */
  topK?: number | null;
  /** The only class that counts. @default all */
  classId?: number | null;
}

/** What is counted. */
interface Counting {
  /** In order. */
  thresholds: readonly number[];
  topK?: number | null;
  classId?: number | null;
}

/** Below all that is among the k largest, as in Keras. */
const never = -1e10;

/** Counts by thresholds; `result` makes the value of what each, from the least to the greatest, makes of all labels. */
export function counting(
  settings: Counting,
  result: (points: Point[]) => number | number[],
  { parts }: { parts?: number | undefined } = {},
): Omit<Metric, "name"> {
  const { thresholds } = settings;
  return {
    combine: "sum",
    width: 2 * (thresholds.length + 1),
    measure: (yTrue, yPred, { weights } = {}) => [countsOf(settings, yTrue, { yPred, weights })],
    result: (counts) => result(pointsOf(counts)),
    ...(parts === undefined ? {} : { parts }),
  };
}

function countsOf(
  { thresholds, topK = null, classId = null }: Counting,
  yTrue: Tensor,
  { yPred, weights }: { yPred: Tensor; weights: Tensor | undefined },
): Tensor {
  return tf.tidy(() => {
    checkShapes(yTrue, yPred);
    const ofClass = (x: Tensor) => (classId === null ? x : column(x, classId));
    const scores = ofClass(topK === null ? yPred : amongLargest(yPred, topK));
    const labels = ofClass(tf.reshape(tf.cast(yTrue, "float32"), yPred.shape));
    const places = areEven(thresholds)
      ? exceededEven(scores, thresholds.length)
      : exceeded(scores, thresholds);
    return bucketSums(tf.reshape(tf.cast(places, "int32"), [-1]), {
      isTrue: tf.reshape(tf.cast(tf.notEqual(labels, 0), "float32"), [-1]),
      weights: weights && tf.reshape(weightsLike(scores, { weights }), [-1]),
      buckets: thresholds.length + 1,
    });
  });
}

function checkShapes(yTrue: Tensor, yPred: Tensor): void {
  if (yTrue.size === yPred.size) return;
  throw new ConvnetsError(
    `A metric that counts needs labels shaped like outputs. Labels are [${yTrue.shape}], outputs [${yPred.shape}].`,
    { hint: "For several classes it needs one-hot labels." },
  );
}

function column(x: Tensor, classId: number): Tensor {
  const classes = x.shape.at(-1)!;
  if (classId >= classes) {
    throw new ConvnetsError(`There is no class ${classId} in outputs of [${x.shape}].`);
  }
  return tf
    .slice(tf.reshape(x, [-1, classes]), [0, classId], [-1, 1])
    .reshape([...x.shape.slice(0, -1), 1]);
}

function amongLargest(scores: Tensor, k: number): Tensor {
  const { indices } = tf.topk(scores, k);
  const chosen = tf.sum(tf.cast(tf.oneHot(indices, scores.shape.at(-1)!), "float32"), -2);
  return tf.add(tf.mul(scores, chosen), tf.mul(never, tf.sub(1, chosen)));
}

const isShare = (item: unknown) => typeof item === "number" && item >= 0 && item <= 1;

/** A metric of thresholds that the user lists. */
function ofThresholds(
  kind: string,
  { given, own }: { given: PrecisionOptions; own: readonly (keyof PrecisionOptions)[] },
  numberOf: (point: Point) => number,
): KerasMetric {
  const { thresholds = null, topK = null, classId = null } = given;
  if (typeof thresholds === "number") checkNumber("thresholds", thresholds, { low: 0, high: 1 });
  else
    checkList("thresholds", thresholds ?? undefined, { what: "numbers in [0, 1]", fits: isShare });
  checkWhole("topK", topK ?? undefined, { low: 1 });
  checkWhole("classId", classId ?? undefined, { low: 0 });
  const listed = [thresholds ?? (topK === null ? 0.5 : never)].flat();
  const inOrder = listed.toSorted((a, b) => a - b);
  const places = listed.map((threshold) => inOrder.indexOf(threshold));
  const parts = listed.length === 1 ? undefined : listed.length;
  const result = (points: Point[]) => {
    const values = places.map((place) => numberOf(points[place]!));
    return parts === undefined ? values[0]! : values;
  };
  const all = { thresholds, topK, classId };
  const kept = Object.entries(all).filter(([key]) => own.includes(key as keyof PrecisionOptions));
  return makeMetric(kind, given, {
    options: Object.fromEntries(kept),
    metric: () => counting({ thresholds: inOrder, topK, classId }, result, { parts }),
  });
}

const ofCount = (
  kind: "truePositives" | "trueNegatives" | "falsePositives" | "falseNegatives",
  given: CountOptions,
): KerasMetric => {
  rejectUnknownOptions(given, { thresholds: true, name: true }, `metrics.${kind}`);
  return ofThresholds(kind, { given, own: ["thresholds"] }, (point) => point[kind]);
};

const known = { thresholds: true, topK: true, classId: true, name: true } as const;
const own = ["thresholds", "topK", "classId"] as const;

/**
 * How many labels of 1 are found.
 *
 * @returns A function of labels and outputs; it gives the value of that batch, a float32 scalar or `[thresholds]`.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.truePositives({ thresholds: [0.3, 0.7] });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#truepositives-class
 */
export const truePositives = (options: CountOptions = {}): KerasMetric =>
  ofCount("truePositives", options);

/**
 * How many labels of 0 are rightly left alone.
 *
 * @returns A function of labels and outputs; it gives the value of that batch, a float32 scalar or `[thresholds]`.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.trueNegatives({ thresholds: [0.3, 0.7] });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#truenegatives-class
 */
export const trueNegatives = (options: CountOptions = {}): KerasMetric =>
  ofCount("trueNegatives", options);

/**
 * How many labels of 0 are wrongly found.
 *
 * @returns A function of labels and outputs; it gives the value of that batch, a float32 scalar or `[thresholds]`.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.falsePositives({ thresholds: [0.3, 0.7] });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#falsepositives-class
 */
export const falsePositives = (options: CountOptions = {}): KerasMetric =>
  ofCount("falsePositives", options);

/**
 * How many labels of 1 are missed.
 *
 * @returns A function of labels and outputs; it gives the value of that batch, a float32 scalar or `[thresholds]`.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.falseNegatives({ thresholds: [0.3, 0.7] });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#falsenegatives-class
 */
export const falseNegatives = (options: CountOptions = {}): KerasMetric =>
  ofCount("falseNegatives", options);

/**
 * How much of what is found is true.
 *
 * @returns A function of labels and outputs; it gives the value of that batch, a float32 scalar or `[thresholds]`.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.precision({ thresholds: 0.7, classId: 1 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#precision-class
 */
export const precision = (options: PrecisionOptions = {}): KerasMetric => {
  rejectUnknownOptions(options, known, "metrics.precision");
  const numberOf = ({ truePositives: found, falsePositives: wrong }: Point) =>
    ratio(found, found + wrong);
  return ofThresholds("precision", { given: options, own }, numberOf);
};

/**
 * How much of what is true is found.
 *
 * @returns A function of labels and outputs; it gives the value of that batch, a float32 scalar or `[thresholds]`.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.recall({ thresholds: 0.7, classId: 1 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#recall-class
 */
export const recall = (options: PrecisionOptions = {}): KerasMetric => {
  rejectUnknownOptions(options, known, "metrics.recall");
  const numberOf = ({ truePositives: found, falseNegatives: missed }: Point) =>
    ratio(found, found + missed);
  return ofThresholds("recall", { given: options, own }, numberOf);
};
