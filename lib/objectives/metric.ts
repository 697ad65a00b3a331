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
      return tf.scalar(result(numbers));
    });
  return Object.assign(Object.defineProperty(ofBatch, "name", { value: name }), {
    measured: { kind, ...recipe },
  });
}

/** Whether what `compile` took is a metric with settings. */
export function isKerasMetric(given: unknown): given is KerasMetric {
  return typeof given === "function" && "measured" in given;
}

/** The mean of a function's values over samples; of a masked output over the time steps that count. */
export function meanOf(fn: LossOrMetric, { masked }: MeasuredOutput): Omit<Metric, "name"> {
  if (masked) return { ...quotient, measure: maskedSums(fn) };
  const measure = (yTrue: Tensor, yPred: Tensor) => [
    tf.tidy(() => tf.mean(tf.cast(fn(yTrue, yPred), "float32"))),
  ];
  return { combine: "mean", width: 1, measure, result: ([value]) => value! };
}

/** Numerator and denominator, each summed over all batches: how Keras computes precision and recall. */
export const quotient = {
  combine: "sum",
  width: 2,
  result: ([part, whole]: readonly number[]) => (whole === 0 ? 0 : part! / whole!),
} as const;

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
