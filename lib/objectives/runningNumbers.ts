/** Means and sums of numbers over the batches of a loop of one's own. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkText, rejectUnknownOptions } from "../checks";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { MetricOptions } from "./metric";

/** Numbers of a batch: one, a list, or a tensor whose first axis is the samples'. @inline */
export type BatchNumbers = number | readonly number[] | Tensor;

/** Options of `updateState` of `metrics.mean()` and `metrics.sum()`. */
export interface UpdateStateOptions {
  /** What each sample counts, or each of its numbers. @default 1 */
  sampleWeight?: BatchNumbers;
}

/** A mean or sum of numbers, which batches add to. */
export class RunningNumbers {
  /** Its name. */
  readonly name: string;
  private total = 0;
  private count = 0;

  /** @internal */
  constructor(
    private readonly kind: "mean" | "sum",
    options: MetricOptions,
  ) {
    rejectUnknownOptions(options, { name: true }, `metrics.${kind}`);
    const { name = kind } = options;
    checkText("name", name, { what: "a name" });
    this.name = name;
  }

  /**
   * Adds the numbers of a batch; of a sample with several numbers a mean counts their mean.
   *
   * @param values The numbers; a tensor stays the caller's.
   * @throws InvalidArgumentError for anything else, and for weights of another shape.
   */
  updateState(values: BatchNumbers, options: UpdateStateOptions = {}): void {
    if (options instanceof tf.Tensor) {
      throw invalidArgument("options", {
        expected: "an object: { sampleWeight: … }",
        received: options,
      });
    }
    rejectUnknownOptions(options, { sampleWeight: true }, "updateState()");
    const { sampleWeight } = options;
    tf.tidy(() => {
      const [numbers, weights] = this.perSample(
        asTensor("values", values),
        sampleWeight === undefined ? undefined : asTensor("sampleWeight", sampleWeight),
      );
      this.total += sumOf(numbers);
      this.count += weights === undefined ? (numbers.shape[0] ?? 1) : sumOf(weights);
    });
  }

  /** The mean or sum so far; 0 of nothing. */
  result(): number {
    if (this.kind === "sum") return Math.fround(this.total);
    return this.count === 0 ? 0 : Math.fround(this.total / this.count);
  }

  /** Forgets everything: a new epoch begins. */
  resetState(): void {
    this.total = 0;
    this.count = 0;
  }

  /** A number for each sample, times its weight, and the weights. */
  private perSample(values: Tensor, given: Tensor | undefined): [Tensor, Tensor | undefined] {
    if (given === undefined) return [this.beyond(values, 1), undefined];
    const [numbers, each] = alike(values, given);
    const reduced = this.beyond(numbers, each.rank);
    const fits = (size: number, axis: number) => size === 1 || size === reduced.shape[axis];
    if (each.rank !== reduced.rank || !each.shape.every(fits)) {
      throw invalidArgument("sampleWeight", {
        expected: `weights for values of [${values.shape}]`,
        received: given,
      });
    }
    const weights = tf.broadcastTo(each, reduced.shape);
    return [this.beyond(tf.mul(reduced, weights), 1), this.beyond(weights, 1)];
  }

  /** Without the axes from one on. */
  private beyond(x: Tensor, axis: number): Tensor {
    const axes = x.shape.map((_, i) => i).slice(axis);
    if (axes.length === 0) return x;
    return this.kind === "mean" ? tf.mean(x, axes) : tf.sum(x, axes);
  }
}

function asTensor(argument: string, given: BatchNumbers): Tensor {
  if (given instanceof tf.Tensor) return tf.cast(given, "float32");
  const numbers = [given].flat();
  if (numbers.every((each) => typeof each === "number")) {
    return typeof given === "number" ? tf.scalar(given) : tf.tensor1d(numbers, "float32");
  }
  throw invalidArgument(argument, { expected: "numbers or a tensor", received: given });
}

/** As in Keras, an axis of one more or less at the end makes no difference. */
function alike(values: Tensor, weights: Tensor): [Tensor, Tensor] {
  if (values.rank === weights.rank + 1 && values.shape.at(-1) === 1) {
    if (weights.rank === 1) return [values, tf.expandDims(weights, -1)];
    return [tf.squeeze(values, [-1]), weights];
  }
  if (weights.rank === values.rank + 1 && weights.shape.at(-1) === 1) {
    if (values.rank === 1) return [tf.expandDims(values, -1), weights];
    return [values, tf.squeeze(weights, [-1])];
  }
  return [values, weights];
}

function sumOf(x: Tensor): number {
  let sum = 0;
  for (const value of x.dataSync()) sum += value;
  return sum;
}

/**
 * The mean of numbers over the batches of a loop of one's own, such as of what a compiled step gives.
 *
 * @returns An object with `updateState(values)`, `result()` and `resetState()`; it holds no tensors.
 * @throws InvalidArgumentError for an unknown option.
 * @example
 * import { metrics } from "convnets";
 * const loss = metrics.mean({ name: "loss" });
 * for (const value of [3, 1]) loss.updateState(value);
 * console.log(loss.result()); // 2
 * loss.resetState();
 * @see https://keras.io/api/metrics/reduction_metrics/#mean-class
 */
export const mean = (options: MetricOptions = {}): RunningNumbers =>
  new RunningNumbers("mean", options);

/**
 * The sum of numbers over the batches of a loop of one's own.
 *
 * @returns An object with `updateState(values)`, `result()` and `resetState()`; it holds no tensors.
 * @throws InvalidArgumentError for an unknown option.
 * @example
 * import { metrics } from "convnets";
 * const right = metrics.sum({ name: "right" });
 * for (const count of [30, 28]) right.updateState(count);
 * console.log(right.result()); // 58
 * @see https://keras.io/api/metrics/reduction_metrics/#sum-class
 */
export const sum = (options: MetricOptions = {}): RunningNumbers =>
  new RunningNumbers("sum", options);
