/** How much of what labels vary outputs explain. */
import { checkOneOf, checkWhole, rejectUnknownOptions } from "../../checks";
import { ConvnetsError } from "../../errors";
import { tf } from "../../tfjs";
import {
  type KerasMetric,
  type Metric,
  type MetricOptions,
  makeMetric,
  weightsLike,
} from "../metric";

/** Options of `metrics.r2Score`. */
export interface R2ScoreOptions extends MetricOptions {
  /**
   * How columns of outputs become one number: their mean, or their mean by how much labels vary; of none (null) each
   * has its number: `r2Score[1]`.
   *
   * @default "uniformAverage"
   */
  classAggregation?: "uniformAverage" | "varianceWeightedAverage" | null;
  /** How many inputs the model has, for the adjusted score; 0 for the plain one. @default 0 */
  numRegressors?: number;
}

/** Of each column the sums of labels, of their squares, of squared errors and of weights; then how many numbers. */
function sums(columns: number): Pick<Metric, "combine" | "width" | "measure"> {
  const measure: Metric["measure"] = (yTrue, yPred, { weights } = {}) =>
    tf.tidy(() => {
      if (yPred.rank !== 2 || yTrue.size !== yPred.size) {
        throw new ConvnetsError(
          `The metric R2Score needs one row a sample. Labels are [${yTrue.shape}], outputs [${yPred.shape}].`,
        );
      }
      const labels = tf.reshape(tf.cast(yTrue, "float32"), yPred.shape);
      const counts = weightsLike(yPred, { weights });
      const weighted = tf.mul(labels, counts);
      const errors = tf.mul(tf.square(tf.sub(labels, yPred)), counts);
      const sums = [weighted, tf.mul(labels, weighted), errors, counts].map((x) => tf.sum(x, 0));
      return [...sums, tf.scalar(yTrue.size)];
    });
  return { combine: "sum", width: 4 * columns + 1, measure };
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function adjusted(score: number, count: number, regressors: number): number {
  // As Keras, which warns here.
  if (regressors === 0 || regressors >= count - 1) return score;
  return 1 - ((1 - score) * (count - 1)) / (count - regressors - 1);
}

/**
 * The coefficient of determination: 1 where outputs are the labels, 0 where they are no better than the mean.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.r2Score({ classAggregation: "varianceWeightedAverage" });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/#r2score-class
 */
export const r2Score = (options: R2ScoreOptions = {}): KerasMetric => {
  const known = { classAggregation: true, numRegressors: true, name: true } as const;
  rejectUnknownOptions(options, known, "metrics.r2Score");
  const { classAggregation = "uniformAverage", numRegressors = 0 } = options;
  checkOneOf("classAggregation", classAggregation ?? undefined, [
    ...(["uniformAverage", "varianceWeightedAverage"] as const),
  ]);
  checkWhole("numRegressors", numRegressors, { low: 0 });
  return makeMetric("r2Score", options, {
    options: { classAggregation, numRegressors },
    metric: ({ shape }) => {
      const columns = shape.at(-1)!;
      const result = (numbers: readonly number[]) => {
        const [labels, squares, errors, weights] = [0, 1, 2, 3].map((i) =>
          numbers.slice(i * columns, (i + 1) * columns),
        ) as [number[], number[], number[], number[]];
        const spreads = squares.map((square, i) => square - labels[i]! ** 2 / weights[i]!);
        const scores = spreads.map((spread, i) => {
          const score = 1 - errors[i]! / spread;
          return Math.abs(score) === Infinity ? 0 : score;
        });
        const finished = (score: number) => adjusted(score, numbers.at(-1)!, numRegressors);
        if (classAggregation === null) return scores.map(finished);
        if (classAggregation === "uniformAverage") return finished(total(scores) / columns);
        return finished(total(scores.map((score, i) => score * spreads[i]!)) / total(spreads));
      };
      const parts = classAggregation === null ? { parts: columns } : {};
      return { ...sums(columns), result, ...parts };
    },
  });
};
