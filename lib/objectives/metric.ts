/** What metrics have in common: what a batch contributes, and how contributions become a number. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkText } from "../checks";
import { type LossOrMetric, tf } from "../tfjs";

/** A metric: what a batch contributes, and how contributions combine. */
export interface Metric {
  /** The name that the user gave; Keras uses it as it is. */
  name: string;
  /** `"mean"`: a value of the batch, averaged over samples. `"sum"`: counts, summed over all batches. */
  combine: "mean" | "sum";
  /** How many numbers a batch contributes. */
  width: number;
  /** These numbers, as scalars or vectors; the caller disposes them. */
  measure(yTrue: Tensor, yPred: Tensor, counted?: Counted): Tensor[];
  /** The value, from the numbers of all batches; of a metric with `parts` so many. */
  result(numbers: readonly number[]): number | number[];
  /** How many values it has, which logs number: `recall[0]`. @default one, without a number */
  parts?: number;
}

/** A metric with one value. @inline */
type Single = Omit<Metric, "name" | "result"> & { result(numbers: readonly number[]): number };

/** What of a batch counts, and how much. */
export interface Counted {
  /** Which time steps count. */
  mask?: Tensor | undefined;
  /** What each sample, or time step, counts. */
  weights?: Tensor | undefined;
}

/** What a metric measures. */
export interface MeasuredOutput {
  /** The output's shape. */
  shape: readonly (number | null)[];
  /** Whether the output has a mask. */
  masked: boolean;
  /** Whether samples count by their weights. @default false */
  weighted?: boolean;
}

/** What every metric with settings takes. */
export interface MetricOptions {
  /** Name in the logs. @default the function's own */
  name?: string;
}

/** A metric that `compile` takes, and that knows its settings. */
export type KerasMetric = LossOrMetric & {
  /** The settings: which metric, by its name in `metrics`, and every option but the name. */
  readonly measured: {
    /** Which metric. */
    readonly kind: string;
    /** Its options, complete. */
    readonly options: Readonly<
      Record<string, number | boolean | string | null | readonly number[]>
    >;
    /** @internal How it is measured. */
    readonly metric: (output: MeasuredOutput) => Omit<Metric, "name">;
  };
};

/** Makes a metric; as a function it gives the value of one batch. */
export function makeMetric(
  kind: string,
  { name = kind }: MetricOptions,
  recipe: Omit<KerasMetric["measured"], "kind">,
): KerasMetric {
  checkText("name", name, { what: "a name" });
  const ofBatch = (yTrue: Tensor, yPred: Tensor) =>
    tf.tidy(() => {
      const { measure, result } = recipe.metric({ shape: yPred.shape, masked: false });
      const numbers = measure(yTrue, yPred).flatMap((tensor) => [...tensor.dataSync()]);
      const value = result(numbers);
      return typeof value === "number" ? tf.scalar(value) : tf.tensor1d(value);
    });
  return Object.assign(Object.defineProperty(ofBatch, "name", { value: name }), {
    measured: { kind, ...recipe },
  });
}

/** Makes a metric that is the mean of a function's values over samples. */
export function makeMean<Options extends MetricOptions>(
  kind: string,
  given: Options,
  {
    options = {},
    values,
    ownCount,
  }: {
    options?: KerasMetric["measured"]["options"];
    values: LossOrMetric;
    /** Whether it isn't samples whose values they are. @default false */
    ownCount?: boolean;
  },
): KerasMetric {
  const metric = (output: MeasuredOutput) => meanOf(values, output, { ownCount });
  return makeMetric(kind, given, { options, metric });
}

/** Whether what `compile` took is a metric with settings. */
export function isKerasMetric(given: unknown): given is KerasMetric {
  return typeof given === "function" && "measured" in given;
}

/**
 * The mean of a function's values over samples; of a masked output over the time steps that count, and by weights where
 * samples have some.
 *
 * @param options.ownCount Whether the first axis of the values is another than the samples'.
 */
export function meanOf(
  fn: LossOrMetric,
  { masked, weighted = false }: MeasuredOutput,
  { ownCount = false }: { ownCount?: boolean | undefined } = {},
): Single {
  const values: LossOrMetric = (yTrue, yPred) => tf.cast(fn(yTrue, yPred), "float32");
  if (weighted) return { ...quotient, measure: weightedSums(values) };
  if (masked) return { ...quotient, measure: maskedSums(values) };
  if (ownCount) return { ...quotient, measure: ownSums(values) };
  const measure = (yTrue: Tensor, yPred: Tensor) => [tf.tidy(() => tf.mean(values(yTrue, yPred)))];
  return { combine: "mean", width: 1, measure, result: ([value]) => value! };
}

/** Numerator and denominator, each summed over all batches: how Keras computes precision and recall. */
const quotient = {
  combine: "sum",
  width: 2,
  result: ([part, whole]: readonly number[]) => (whole === 0 ? 0 : part! / whole!),
} as const;

/** As in Keras, each time step that counts weighs as much, whatever sample it is of. */
function maskedSums(values: LossOrMetric): Metric["measure"] {
  return (yTrue, yPred, { mask } = {}) =>
    tf.tidy(() => {
      const counted = tf.cast(mask!, "float32");
      const steps = counted.shape.map((_, axis) => axis).slice(1);
      const perSample = (all: Tensor) => tf.sum(tf.mean(all, steps));
      return [perSample(tf.mul(values(yTrue, yPred), counted)), perSample(counted)];
    });
}

/** What has no weight counts 1. */
function weightedSums(values: LossOrMetric): Metric["measure"] {
  return (yTrue, yPred, counted = {}) =>
    tf.tidy(() => {
      const all = values(yTrue, yPred);
      const weights = weightsLike(all, counted);
      return [tf.sum(tf.mul(all, weights)), tf.sum(weights)];
    });
}

function ownSums(values: LossOrMetric): Metric["measure"] {
  return (yTrue, yPred) =>
    tf.tidy(() => {
      const all = values(yTrue, yPred);
      const count = all.shape[0] ?? 1;
      return [tf.mul(tf.mean(all), count), tf.scalar(count)];
    });
}

/** What each number counts: its sample's weight, its time step's, or both; 1 where nothing is said. */
export function weightsLike(values: Tensor, { mask, weights }: Counted): Tensor {
  let all: Tensor = tf.onesLike(values);
  for (const factor of [mask, weights]) {
    if (factor !== undefined) all = tf.mul(all, spread(tf.cast(factor, "float32"), values.rank));
  }
  return all;
}

/** As many axes as asked for: those at the end have a size of 1, or are averaged. */
function spread(weights: Tensor, rank: number): Tensor {
  if (weights.rank <= rank) {
    return tf.reshape(weights, [...weights.shape, ...new Array(rank - weights.rank).fill(1)]);
  }
  return tf.mean(weights, weights.shape.map((_, axis) => axis).slice(rank));
}
