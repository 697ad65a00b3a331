/** Metrics of a user's own as classes: sums over batches, and what becomes of them. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkText, rejectUnknownOptions } from "../checks";
import { ConvnetsError } from "../errors";
import { type LossOrMetric, tf, trustClass } from "../tfjs";
import type { MetricOptions, Metric as Recipe } from "./metric";
import { MetricWeight, type MetricWeightOptions } from "./metricWeight";
import { checkOwnClass, describedObjective, titleOfClass } from "./ownClasses";

const weightsOf = new WeakMap<Metric, MetricWeight[]>();

/** A metric is called as a function: `compile` takes it as one. */
export interface Metric extends LossOrMetric {}

/**
 * Base class of metrics of one's own, Keras' `keras.metrics.Metric`: `updateState` adds what a batch contributes to
 * weights, and `result` makes the metric of their sums over an epoch.
 *
 * An object of the class is a function of labels and outputs, which gives the value of that batch. Weights are sums
 * that begin at 0, as Keras adds them up over workers: what doesn't add up, such as a maximum over batches, is no such metric.
 *
 * @example
 * import { metrics, tf } from "convnets";
 * class Bias extends metrics.Metric {
 *   static override className = "Bias";
 *   readonly total = this.addWeight({ name: "total" });
 *   updateState(yTrue: tf.Tensor, yPred: tf.Tensor) {
 *     this.total.assignAdd(tf.sum(tf.sub(yPred, yTrue)));
 *   }
 *   result(): tf.Tensor { return this.total.value; }
 * }
 * @see https://keras.io/api/metrics/base_metric/
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor gives a function
export abstract class Metric {
  /** The name of Python's class. */
  static className: string;
  /** Its name in logs. */
  declare readonly name: string;

  /**
   * @param options What every metric takes; a class with settings of its own takes them from its options first.
   * @throws InvalidArgumentError for an option that is unknown or outside what is allowed; ConvnetsError for a class that lacks
   *   its `className` or a method.
   */
  constructor(options: MetricOptions = {}) {
    checkOwnClass(new.target, ["updateState", "result"]);
    rejectUnknownOptions(options, { name: true }, new.target.className);
    const { name = titleOfClass(new.target) } = options;
    checkText("name", name, { what: "a name" });
    const metric = Object.setPrototypeOf(
      (yTrue: Tensor, yPred: Tensor) =>
        tf.tidy(() => resultOf(metric, addedBy(metric, yTrue, yPred))),
      new.target.prototype,
    ) as Metric;
    weightsOf.set(metric, []);
    // biome-ignore lint/correctness/noConstructorReturn: what is called must be a function
    return Object.defineProperty(metric, "name", { value: name });
  }

  /**
   * Adds what a batch contributes, with `assignAdd` of the metric's weights.
   *
   * @param yTrue Labels: class numbers as int32 where the loss takes such, else float32.
   * @param yPred Outputs, `[batch, …]` float32.
   * @param sampleWeight What each sample counts, `[batch]` float32; only among `weightedMetrics`, and if there are any.
   */
  abstract updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void;

  /** The metric, of the sums that its weights hold: one number, or a row of them, which logs number. */
  abstract result(): Tensor;

  /** The settings, as the constructor takes them; a class with settings of its own adds them. */
  getConfig(): Record<string, unknown> {
    return { name: this.name };
  }

  /** @internal What it follows from, for a hash. */
  toJSON(): object {
    return describedObjective(this);
  }

  /** Adds a sum that begins at 0 in each epoch. */
  protected addWeight(options: MetricWeightOptions = {}): MetricWeight {
    const weight = new MetricWeight(options);
    weightsOf.get(this)!.push(weight);
    return weight;
  }
}

trustClass(Metric);

/** How such a metric is measured. */
export function recipeOf(metric: Metric): Recipe {
  const weights = weightsOf.get(metric)!;
  const sizes = weights.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const parts = tf.tidy(() => {
    const { rank, size } = resultOf(
      metric,
      weights.map(({ shape }) => tf.zeros([...shape])),
    );
    if (rank < 2) return rank === 0 ? undefined : size;
    throw new ConvnetsError(
      `The result of the metric "${metric.name}" must be one number or a row of them. Its rank is ${rank}.`,
    );
  });
  return {
    name: metric.name,
    combine: "sum",
    width: sizes.reduce((sum, size) => sum + size, 0),
    measure: (yTrue, yPred, { weights: sampleWeight } = {}) =>
      tf.tidy(() =>
        addedBy(metric, yTrue, yPred, sampleWeight).map((sum) => tf.reshape(sum, [-1])),
      ),
    result: (numbers) =>
      tf.tidy(() => {
        const sums = weights.map(({ shape }, i) =>
          tf.tensor(numbers.slice(starts[i], starts[i]! + sizes[i]!), [...shape], "float32"),
        );
        const values = resultOf(metric, sums).dataSync();
        return parts === undefined ? values[0]! : [...values];
      }),
    ...(parts === undefined ? {} : { parts }),
  };
}

/** What a batch contributes to each weight. */
function addedBy(metric: Metric, yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): Tensor[] {
  const sums: Tensor[] = [];
  const within = ([first, ...rest]: MetricWeight[]): void => {
    if (first === undefined) metric.updateState(yTrue, yPred, sampleWeight);
    else sums.unshift(first.adding(() => within(rest)));
  };
  within(weightsOf.get(metric)!);
  return sums;
}

/** What a metric makes of the sums of its weights. */
function resultOf(metric: Metric, sums: readonly Tensor[]): Tensor {
  return weightsOf.get(metric)!.reduce<() => Tensor>(
    (work, weight, i) => () => weight.reading(sums[i]!, work),
    () => metric.result(),
  )();
}
