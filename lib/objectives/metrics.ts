/** Metrics as Keras names, computes and averages them. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import type { LossOrMetric } from "../tfjs";
import { tf } from "../tfjs";
import { crossentropyLosses, crossentropyOf } from "./losses";

/** A metric: what a batch contributes, and how contributions combine. */
export interface Metric {
  /** The name that the user gave; Keras uses it as it is. */
  name: string;
  /**
   * `"mean"`: one value, averaged over samples. `"ratio"`: numerator and denominator, each summed over all
   * batches before dividing, which is how Keras computes precision and recall.
   */
  combine: "mean" | "ratio";
  /** One or two scalars; the caller disposes them. `mask` says which time steps count. */
  measure(yTrue: Tensor, yPred: Tensor, mask?: Tensor): Tensor[];
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
  const { measure } = metricOf(metric);
  const ofBatch = (yTrue: Tensor, yPred: Tensor) =>
    tf.tidy(() => {
      const [value, total] = measure(yTrue, yPred);
      return total === undefined ? value! : tf.divNoNan(value!, total);
    });
  return Object.assign(Object.defineProperty(ofBatch, "name", { value: name }), { metric });
}

/** Whether what `compile` took is a renamed metric. */
export function isRenamed(given: unknown): given is RenamedMetric {
  return typeof given === "function" && "metric" in given;
}

/**
 * The metric behind what a user gave to `compile`.
 *
 * @param given A name or a function `(yTrue, yPred) => Tensor`.
 * @param masked Whether the output has a mask. No by default.
 */
export function metricOf(given: unknown, masked = false): Metric {
  if (isRenamed(given)) return { ...metricOf(given.metric, masked), name: given.name };
  const named = replaced.find((name) => given === tf.metrics[name]);
  if (named !== undefined) return metricOf(named, masked);
  if (typeof given === "function") {
    return mean(given.name || "metric", given as LossOrMetric, masked);
  }
  if (typeof given === "string") {
    if (given in ratios) return { ...ratios[given as keyof typeof ratios], name: given };
    const fn = functions[given];
    if (fn) return mean(given, fn, masked);
  }
  throw invalidArgument("metrics", {
    expected: `functions or names among ${metricNames.join(", ")}`,
    received: given,
  });
}

/** tfjs' functions whose numbers differ from Keras'. */
const replaced = ["precision", "recall", "binaryCrossentropy", "categoricalCrossentropy"] as const;

function mean(name: string, fn: LossOrMetric, masked: boolean): Metric {
  if (masked) return { name, combine: "ratio", measure: maskedSums(fn) };
  const measure = (yTrue: Tensor, yPred: Tensor) => [
    tf.tidy(() => tf.mean(tf.cast(fn(yTrue, yPred), "float32"))),
  ];
  return { name, combine: "mean", measure };
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
  return tf.cast(
    tf.equal(tf.cast(yTrue, "float32"), tf.cast(tf.greater(yPred, 0.5), "float32")),
    "float32",
  );
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

function namedCrossentropy(name: string): LossOrMetric {
  const loss = crossentropyOf(name)!;
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
  MSE: (a, b) => tf.metrics.meanSquaredError(a, b),
  mae: (a, b) => tf.metrics.meanAbsoluteError(a, b),
  MAE: (a, b) => tf.metrics.meanAbsoluteError(a, b),
  mape: (a, b) => tf.metrics.meanAbsolutePercentageError(a, b),
  MAPE: (a, b) => tf.metrics.meanAbsolutePercentageError(a, b),
  cosine: (a, b) => tf.metrics.cosineProximity(a, b),
};

/** Precision and recall of predictions above 0.5. */
function ratio(denominatorOf: (yTrue: Tensor, positive: Tensor) => Tensor): Omit<Metric, "name"> {
  return {
    combine: "ratio",
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
export const metricNames: readonly string[] = [...Object.keys(functions), ...Object.keys(ratios)];
