/** Metrics as Keras names, computes and averages them. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import type { LossOrMetric } from "../tfjs";
import { metricNamed, tf } from "../tfjs";
import { type AucMetric, type AucOptions, areaOf, auc, bucketCount, bucketsOf, isAuc } from "./auc";
import { type Crossentropy, crossentropyLosses } from "./crossentropy";

/** A metric: what a batch contributes, and how contributions combine. */
export interface Metric {
  /** The name that the user gave; Keras uses it as it is. */
  name: string;
  /** `"mean"`: a value of the batch, averaged over samples. `"sum"`: counts, summed over all batches. */
  combine: "mean" | "sum";
  /** How many numbers a batch contributes. */
  width: number;
  /** These numbers, as scalars or vectors; the caller disposes them. `mask` says which time steps count. */
  measure(yTrue: Tensor, yPred: Tensor, mask?: Tensor): Tensor[];
  /** The value, from the numbers of all batches. */
  result(numbers: readonly number[]): number;
}

/** What a metric measures. */
export interface MeasuredOutput {
  /** The output's shape. */
  shape: readonly (number | null)[];
  /** Whether the output has a mask. */
  masked: boolean;
}

/** A metric under another name, as `compile` takes it. */
export type RenamedMetric = LossOrMetric & {
  /** The metric itself: a name or a function. */
  readonly metric: string | LossOrMetric;
};

/**
 * A metric with a name of one's own, which logs will have.
 *
 * @param metric A name or a function that `compile` takes.
 */
export function renamedMetric(metric: string | LossOrMetric, name: string): RenamedMetric {
  const ofBatch = (yTrue: Tensor, yPred: Tensor) =>
    tf.tidy(() => {
      const { measure } = metricOf(metric, { shape: yPred.shape, masked: false });
      const [value, total] = measure(yTrue, yPred);
      return total === undefined ? value! : tf.divNoNan(value!, total);
    });
  return Object.assign(Object.defineProperty(ofBatch, "name", { value: name }), { metric });
}

/** Whether what `compile` took is a renamed metric. */
export function isRenamed(given: unknown): given is RenamedMetric {
  return typeof given === "function" && "metric" in given;
}

/** Whether a function that `compile` took as metric is this library's own code. */
export function isKnownMetric(given: unknown): boolean {
  return isAuc(given) || (isRenamed(given) && typeof given.metric === "string");
}

/**
 * The metric behind what a user gave to `compile`.
 *
 * @param given A name or a function `(yTrue, yPred) => Tensor`.
 */
export function metricOf(given: unknown, output: MeasuredOutput): Metric {
  if (isRenamed(given)) return { ...metricOf(given.metric, output), name: given.name };
  if (isAuc(given)) return area(given, output);
  const named = replaced.find((name) => given === tf.metrics[name]);
  if (named !== undefined) return metricOf(named, output);
  if (typeof given === "function") {
    return mean(given.name || "metric", given as LossOrMetric, output);
  }
  if (typeof given === "string") {
    const name = metricNamed(given);
    if (name === "auc") return area(auc({ name: given }), output);
    if (name in ratios) return { ...ratios[name as keyof typeof ratios], name: given };
    const fn = functions[name];
    if (fn) return mean(given, fn, output);
  }
  throw invalidArgument("metrics", { expected: "functions or names", received: given });
}

/** tfjs' functions whose numbers differ from Keras'. */
const replaced = ["precision", "recall", "binaryCrossentropy", "categoricalCrossentropy"] as const;

function mean(name: string, fn: LossOrMetric, { masked }: MeasuredOutput): Metric {
  if (masked) return { ...quotient, name, measure: maskedSums(fn) };
  const measure = (yTrue: Tensor, yPred: Tensor) => [
    tf.tidy(() => tf.mean(tf.cast(fn(yTrue, yPred), "float32"))),
  ];
  return { name, combine: "mean", width: 1, measure, result: ([value]) => value! };
}

/** Numerator and denominator, each summed over all batches: how Keras computes precision and recall. */
const quotient = {
  combine: "sum",
  width: 2,
  result: ([part, whole]: readonly number[]) => (whole === 0 ? 0 : part! / whole!),
} as const;

function area({ name, auc: settings }: AucMetric, { shape }: MeasuredOutput): Metric {
  return {
    name,
    combine: "sum",
    width: bucketCount(settings, shape),
    measure: (yTrue, yPred) => [bucketsOf(settings, yTrue, yPred)],
    result: (sums) => areaOf(settings, sums),
  };
}

/** As in Keras, each time step that counts weighs as much, whatever sample it is of. */
function maskedSums(fn: LossOrMetric): Metric["measure"] {
  return (yTrue, yPred, mask) =>
    tf.tidy(() => {
      const values = tf.cast(fn(yTrue, yPred), "float32");
      const counted = tf.cast(mask!, "float32");
      const steps = counted.shape.map((_, axis) => axis).slice(1);
      const perSample = (all: Tensor) => tf.sum(tf.mean(all, steps));
      return [perSample(tf.mul(values, counted)), perSample(counted)];
    });
}

function binaryAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const guesses = tf.cast(tf.greater(yPred, 0.5), "float32");
  return tf.mean(tf.cast(tf.equal(tf.cast(yTrue, "float32"), guesses), "float32"), -1);
}

function categoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  return tf.cast(tf.equal(tf.argMax(yTrue, -1), tf.argMax(yPred, -1)), "float32");
}

function sparseCategoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const labels = yTrue.rank === yPred.rank ? tf.squeeze(yTrue, [yTrue.rank - 1]) : yTrue;
  return tf.cast(
    tf.equal(tf.cast(labels, "int32"), tf.cast(tf.argMax(yPred, -1), "int32")),
    "float32",
  );
}

/** Which kind of labels there are shows in the shapes alone, as in Keras. */
function labelKind(yTrue: Tensor, yPred: Tensor): "binary" | "sparse" | "oneHot" {
  if (yPred.shape.at(-1) === 1) return "binary";
  if (yTrue.rank < yPred.rank || yTrue.shape.at(-1) === 1) return "sparse";
  return "oneHot";
}

function accuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const kind = labelKind(yTrue, yPred);
  if (kind === "binary") return binaryAccuracy(yTrue, yPred);
  return kind === "sparse"
    ? sparseCategoricalAccuracy(yTrue, yPred)
    : categoricalAccuracy(yTrue, yPred);
}

function crossentropy(yTrue: Tensor, yPred: Tensor): Tensor {
  const kind = labelKind(yTrue, yPred);
  if (kind === "binary") return namedCrossentropy("binaryCrossentropy")(yTrue, yPred);
  return kind === "sparse"
    ? namedCrossentropy("sparseCategoricalCrossentropy")(yTrue, yPred)
    : namedCrossentropy("categoricalCrossentropy")(yTrue, yPred);
}

function namedCrossentropy(name: Crossentropy["name"]): LossOrMetric {
  const loss: Crossentropy = { name, labelSmoothing: 0, fromLogits: false };
  if (name !== "sparseCategoricalCrossentropy") {
    return (yTrue, yPred) => crossentropyLosses(loss, yTrue, yPred);
  }
  // The labels of another loss come as float32.
  return (yTrue, yPred) => crossentropyLosses(loss, tf.cast(yTrue, "int32"), yPred);
}

const functions: Record<string, LossOrMetric> = {
  accuracy,
  acc: accuracy,
  crossentropy,
  ce: crossentropy,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  binaryCrossentropy: namedCrossentropy("binaryCrossentropy"),
  categoricalCrossentropy: namedCrossentropy("categoricalCrossentropy"),
  sparseCategoricalCrossentropy: namedCrossentropy("sparseCategoricalCrossentropy"),
  mse: (a, b) => tf.metrics.meanSquaredError(a, b),
  mae: (a, b) => tf.metrics.meanAbsoluteError(a, b),
  mape: (a, b) => tf.metrics.meanAbsolutePercentageError(a, b),
  cosine: (a, b) => tf.metrics.cosineProximity(a, b),
};

/** Precision and recall of predictions above 0.5. */
function ratio(denominatorOf: (yTrue: Tensor, positive: Tensor) => Tensor): Omit<Metric, "name"> {
  return {
    ...quotient,
    measure(yTrue, yPred) {
      return tf.tidy(() => {
        const actual = tf.cast(yTrue, "float32");
        const positive = tf.cast(tf.greater(yPred, 0.5), "float32");
        return [tf.sum(tf.mul(actual, positive)), tf.sum(denominatorOf(actual, positive))];
      });
    },
  };
}

const ratios = {
  precision: ratio((_actual, positive) => positive),
  recall: ratio((actual) => actual),
};

/** Every metric that `compile` takes by name. */
export const metricNames: readonly string[] = [
  ...Object.keys(functions),
  ...Object.keys(ratios),
  "auc",
];

/**
 * Metrics with settings, for `model.compile({ metrics: [metrics.auc({ curve: "PR" })] })`.
 *
 * @namespace
 */
export const metrics = {
  /**
   * The area under the ROC curve, or under that of precision and recall.
   *
   * As in Keras it has a point for each of 200 thresholds, and the labels of all batches count alike: the area isn't a
   * mean of areas. In `compile` the names `"auc"` and `"AUC"` stand for it with its defaults.
   *
   * @returns A function of labels and outputs of one shape, `[batch, …]` float32; it gives a float32 scalar, the area of
   *   that batch.
   * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
   * @example
   * import { metrics, tf } from "convnets";
   * const head = tf.layers.dense({ units: 1, activation: "sigmoid", inputShape: [8] });
   * const model = tf.sequential({ layers: [head] });
   * const area = metrics.auc({ curve: "PR", name: "average" });
   * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: ["auc", area] });
   * @see https://keras.io/api/metrics/classification_metrics/#auc-class
   */
  auc: (options: AucOptions = {}): AucMetric => auc(options),
};
