/** Shifts and scales features to mean 0 and deviation 1. */
import type { data, LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { describeValue, InvalidArgumentError, invalidArgument } from "../errors";
import { ownOnce, tf } from "../tfjs";
import type { CommonLayerOptions, Config } from "./options";

/** A number, or numbers in arrays of any depth. @inline */
type Nested = number | Nested[];

/** Options of `layers.normalization`. */
export interface NormalizationOptions extends CommonLayerOptions {
  /** Axes that have a mean of their own at each index; `null` for one mean of everything. @default -1 */
  axis?: number | number[] | null;
  /** The mean, if known; together with `variance`. @default what `adapt` finds */
  mean?: Nested | null;
  /** The variance, if known; together with `mean`. @default what `adapt` finds */
  variance?: Nested | null;
  /** Whether to undo the normalization instead. @default false */
  invert?: boolean;
}

export const normalizationOptions = {
  axis: true,
  mean: true,
  variance: true,
  invert: true,
} as const;

function isNested(value: unknown): value is Nested {
  if (Array.isArray(value)) return value.every(isNested);
  return typeof value === "number" || ArrayBuffer.isView(value);
}

/** Deviations below this count as this. */
const epsilon = 1e-7;

/**
 * Computes `(x - mean) / deviation`, with mean and variance given or learnt by `adapt`.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/numerical/normalization/
 */
export class Normalization extends tf.layers.Layer {
  /** Keras' name of the class. */
  static className = "Normalization";
  private readonly axes: number[];
  private readonly given: { mean: Nested; variance: Nested } | undefined;
  private readonly invert: boolean;
  private keptAxes: number[] = [];
  private shape: (number | null)[] = [];
  private learnt: { mean: LayerVariable; variance: LayerVariable } | undefined;

  constructor(options: NormalizationOptions = {}) {
    super(options as ConstructorParameters<typeof tf.layers.Layer>[0]);
    const { axis = -1, mean = null, variance = null, invert = false } = options;
    checkBoolean("invert", invert);
    this.axes = axis === null ? [] : [axis].flat();
    if (!this.axes.every(Number.isInteger)) {
      throw invalidArgument("axis", { expected: "whole numbers, or null", received: axis });
    }
    this.invert = invert;
    this.supportsMasking = true;
    if ((mean === null) !== (variance === null)) {
      throw new InvalidArgumentError(
        "`mean` and `variance` must be given together or not at all. " +
          `Received: mean=${describeValue(mean)}, variance=${describeValue(variance)}`,
      );
    }
    for (const [name, value] of Object.entries({ mean, variance })) {
      if (value === null || isNested(value)) continue;
      throw invalidArgument(name, { expected: "a number or lists of numbers", received: value });
    }
    if (mean !== null && variance !== null) this.given = { mean, variance };
  }

  override build(inputShape: (number | null)[] | (number | null)[][]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (number | null)[];
    const axes = this.axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
    if (!axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < shape.length)) {
      throw invalidArgument("axis", {
        expected: `axes of the input [${shape}]`,
        received: this.axes,
      });
    }
    if (axes.some((axis) => shape[axis] === null)) {
      throw invalidArgument("axis", {
        expected: `axes of known size of the input [${shape}]`,
        received: this.axes,
      });
    }
    this.keptAxes = axes.sort((a, b) => a - b);
    this.shape = shape;
    if (this.given === undefined && this.learnt === undefined) {
      const sizes = this.keptAxes.map((axis) => shape[axis]!);
      const add = (name: string, start: "zeros" | "ones") =>
        this.addWeight(name, sizes, "float32", tf.initializers[start](), undefined, false);
      this.learnt = { mean: add("mean", "zeros"), variance: add("variance", "ones") };
      // Keras keeps a count in its files, which it no longer uses.
      this.addWeight("count", [], "int32", tf.initializers.zeros(), undefined, false);
    }
    super.build(inputShape);
  }

  /**
   * Learns mean and variance from data.
   *
   * @param data A tensor of samples, or batches: an iterable of tensors, or a `tf.data.Dataset` of tensors,
   * of `{ xs }` or of `[xs, …]`. Tensors stay the caller's; those that a dataset makes are disposed.
   * @throws InvalidArgumentError when there is no data, or it does not fit the layer's input.
   */
  async adapt(data: Tensor | Iterable<Tensor> | data.Dataset<TensorBatch>): Promise<void> {
    const statistics = new RunningStatistics();
    try {
      if (data instanceof tf.Tensor) {
        this.learn(data, statistics);
      } else if (Symbol.iterator in data) {
        for (const batch of data) this.learn(batch, statistics);
      } else {
        await data.forEachAsync((batch) => {
          this.learn(inputsOf(batch), statistics);
          tf.dispose(batch);
        });
      }
      statistics.store(this.learnt);
    } finally {
      statistics.dispose();
    }
  }

  private learn(batch: Tensor, statistics: RunningStatistics): void {
    if (this.given !== undefined) {
      throw new InvalidArgumentError("adapt() needs a layer without `mean` and `variance`.");
    }
    if (!this.built) {
      this.build([null, ...batch.shape.slice(1)]);
      this.built = true;
      ownOnce(this); // as `apply` does it on a layer's first use; `dispose` needs it
    }
    const fits =
      batch.rank === this.shape.length &&
      this.keptAxes.every((axis) => batch.shape[axis] === this.shape[axis]);
    if (!fits) {
      throw invalidArgument("data", {
        expected: `batches of the layer's input shape [${this.shape}]`,
        received: batch,
      });
    }
    statistics.add(
      batch,
      batch.shape.map((_, axis) => axis).filter((axis) => !this.keptAxes.includes(axis)),
    );
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const input = tf.cast(Array.isArray(inputs) ? inputs[0]! : inputs, "float32");
      const mean = this.broadcast(
        this.learnt?.mean.read() ?? tf.tensor(this.given!.mean as number),
      );
      const variance = this.broadcast(
        this.learnt?.variance.read() ?? tf.tensor(this.given!.variance as number),
      );
      const deviation = tf.maximum(tf.sqrt(variance), epsilon);
      return this.invert
        ? tf.add(mean, tf.mul(input, deviation))
        : tf.div(tf.sub(input, mean), deviation);
    });
  }

  /** Statistics with the input's rank: their axes are the last of the kept ones. */
  private broadcast(statistics: Tensor): Tensor {
    const shape = this.shape.map(() => 1);
    const axes = this.keptAxes.slice(this.keptAxes.length - statistics.rank);
    for (const [i, axis] of axes.entries()) shape[axis] = statistics.shape[i]!;
    return tf.reshape(statistics, shape);
  }

  /** The output's shape for an input's, `null` for what may vary. */
  override computeOutputShape(inputShape: (number | null)[] | (number | null)[][]) {
    return (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (number | null)[];
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return {
      ...super.getConfig(),
      axis: this.axes,
      invert: this.invert,
      mean: (this.given?.mean ?? null) as Config[string],
      variance: (this.given?.variance ?? null) as Config[string],
    };
  }
}

/** What a dataset may yield. @inline */
type TensorBatch = Tensor | Tensor[] | { xs: Tensor };

function inputsOf(batch: TensorBatch): Tensor {
  if (batch instanceof tf.Tensor) return batch;
  return Array.isArray(batch) ? batch[0]! : batch.xs;
}

/** Mean and variance of batches as they come. */
class RunningStatistics {
  private count = 0;
  private current: { mean: Tensor; variance: Tensor } | undefined;

  /** Takes in a batch, reduced over `axes`. */
  add(batch: Tensor, axes: number[]): void {
    const count = axes.reduce((product, axis) => product * batch.shape[axis]!, 1);
    const known = this.current;
    this.count += count;
    const share = count / this.count;
    this.current = tf.tidy(() => {
      const { mean, variance } = tf.moments(tf.cast(batch, "float32"), axes);
      if (known === undefined) return { mean, variance };
      const total = tf.add(tf.mul(known.mean, 1 - share), tf.mul(mean, share));
      const spread = (part: { mean: Tensor; variance: Tensor }, weight: number) =>
        tf.mul(tf.add(part.variance, tf.squaredDifference(part.mean, total)), weight);
      return {
        mean: total,
        variance: tf.add(spread(known, 1 - share), spread({ mean, variance }, share)),
      };
    });
    if (known !== undefined) tf.dispose([known.mean, known.variance]);
  }

  /** Writes the statistics into a layer's weights. */
  store(weights: { mean: LayerVariable; variance: LayerVariable } | undefined): void {
    if (this.current === undefined || weights === undefined) {
      throw invalidArgument("data", { expected: "at least one batch", received: [] });
    }
    weights.mean.write(this.current.mean);
    weights.variance.write(this.current.variance);
  }

  dispose(): void {
    if (this.current !== undefined) tf.dispose([this.current.mean, this.current.variance]);
  }
}
