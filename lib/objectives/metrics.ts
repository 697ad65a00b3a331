/** Metrics as Keras names, computes and averages them. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import type { LossOrMetric } from "../tfjs";
import { metricNamed, tf } from "../tfjs";
import { type AucMetric, areaOf, auc, bucketCount, bucketsOf, isAuc } from "./auc";
import { type Crossentropy, crossentropyLosses } from "./crossentropy";
import { isKerasMetric, type MeasuredOutput, type Metric, meanOf, quotient } from "./metric";
import { isNamedMetric, makeNamedMetric, namedMetrics } from "./metricNames";

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
  return (
    isAuc(given) || isKerasMetric(given) || (isRenamed(given) && typeof given.metric === "string")
  );
}

/**
 * The metric behind what a user gave to `compile`.
 *
 * @param given A name or a function `(yTrue, yPred) => Tensor`.
 */
export function metricOf(given: unknown, output: MeasuredOutput): Metric {
  if (isRenamed(given)) return { ...metricOf(given.metric, output), name: given.name };
  if (isAuc(given)) return area(given, output);
  if (isKerasMetric(given)) return { ...given.measured.metric(output), name: given.name };
  const named = replaced.find((name) => given === tf.metrics[name]);
  if (named !== undefined) return metricOf(named, output);
  if (typeof given === "function") {
    return { ...meanOf(given as LossOrMetric, output), name: given.name || "metric" };
  }
  if (typeof given === "string") {
    const name = metricNamed(given);
    if (name === "auc") return area(auc({ name: given }), output);
    if (name in ratios) return { ...ratios[name as keyof typeof ratios], name: given };
    const fn = functions[name];
    if (isNamedMetric(name)) return { ...metricOf(makeNamedMetric(name, {}), output), name: given };
    if (fn) return { ...meanOf(fn, output), name: given };
  }
  throw invalidArgument("metrics", { expected: "functions or names", received: given });
}

/** tfjs' functions whose numbers differ from Keras'. */
const replaced = ["precision", "recall", "binaryCrossentropy", "categoricalCrossentropy"] as const;

function area({ name, auc: settings }: AucMetric, { shape }: MeasuredOutput): Metric {
  return {
    name,
    combine: "sum",
    width: bucketCount(settings, shape),
    measure: (yTrue, yPred) => [bucketsOf(settings, yTrue, yPred)],
    result: (sums) => areaOf(settings, sums),
  };
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
  ...namedMetrics,
];
