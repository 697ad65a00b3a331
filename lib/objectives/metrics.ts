/** Metrics as Keras names, computes and averages them. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import type { LossOrMetric } from "../tfjs";
import { metricNamed, tf } from "../tfjs";
import { isRight, isRightClass, isRightNumber } from "./accuracies";
import { type AucMetric, areaOf, auc, bucketCount, bucketsOf, isAuc } from "./auc";
import { type Crossentropy, crossentropyLosses } from "./crossentropy";
import { isKerasMetric, type MeasuredOutput, type Metric, meanOf } from "./metric";
import { Metric as OwnMetric, recipeOf } from "./metricClass";
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
  if (given instanceof OwnMetric) return recipeOf(given);
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
    const fn = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (fn !== undefined) return { ...meanOf(fn, output), name: given };
    if (isNamedMetric(name)) return { ...metricOf(makeNamedMetric(name, {}), output), name: given };
  }
  throw invalidArgument("metrics", { expected: "functions or names", received: given });
}

/** tfjs' functions whose numbers differ from Keras'. */
const replaced = [
  ...(["precision", "recall", "binaryCrossentropy", "categoricalCrossentropy", "r2Score"] as const),
];

function area({ name, auc: settings }: AucMetric, { shape }: MeasuredOutput): Metric {
  return {
    name,
    combine: "sum",
    width: bucketCount(settings, shape),
    measure: (yTrue, yPred, { weights } = {}) => [bucketsOf(settings, yTrue, { yPred, weights })],
    result: (sums) => areaOf(settings, sums),
  };
}

/** Which kind of labels there are shows in the shapes alone, as in Keras. */
function labelKind(yTrue: Tensor, yPred: Tensor): "binary" | "sparse" | "oneHot" {
  if (yPred.shape.at(-1) === 1) return "binary";
  if (yTrue.rank < yPred.rank || yTrue.shape.at(-1) === 1) return "sparse";
  return "oneHot";
}

function accuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const kind = labelKind(yTrue, yPred);
  if (kind === "binary") return isRight(yTrue, yPred, 0.5);
  return kind === "sparse" ? isRightNumber(yTrue, yPred) : isRightClass(yTrue, yPred);
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

/** What isn't among the metrics with settings. */
const functions: Record<string, LossOrMetric> = {
  accuracy,
  acc: accuracy,
  crossentropy,
  ce: crossentropy,
  cosine: (a, b) => tf.metrics.cosineProximity(a, b),
};

/** Every metric that `compile` takes by name. */
export const metricNames: readonly string[] = [
  ...Object.keys(functions),
  "auc",
  ...namedMetrics.filter((name) => !Object.hasOwn(functions, name)),
];
