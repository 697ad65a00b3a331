/** F-scores: the harmonic mean of precision and recall, over whole epochs. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, checkOneOf, rejectUnknownOptions } from "../../checks";
import { ConvnetsError } from "../../errors";
import { tf } from "../../tfjs";
import {
  type KerasMetric,
  type Metric,
  type MetricOptions,
  makeMetric,
  weightsLike,
} from "../metric";

/** Options of `metrics.f1Score`. */
export interface F1ScoreOptions extends MetricOptions {
  /**
   * How classes become one number: their mean, their mean by how often they occur, or all counted together; of none
   * (null, Keras' default) each class has its number: `f1Score[2]`.
   *
   * @default "macro"
   */
  average?: "macro" | "weighted" | "micro" | null;
  /** Above which output a class is found, in (0, 1]; null for the one with the largest. @default null */
  threshold?: number | null;
}

/** Options of `metrics.fBetaScore`. */
export interface FBetaScoreOptions extends F1ScoreOptions {
  /** How much more recall counts than precision. @default 1 */
  beta?: number;
}

const epsilon = 1e-7;
const known = { average: true, threshold: true, name: true } as const;

function counting(
  threshold: number | null,
  columns: number,
): Pick<Metric, "combine" | "width" | "measure"> {
  const measure: Metric["measure"] = (yTrue, yPred, { weights } = {}) =>
    tf.tidy(() => {
      if (yPred.rank !== 2 || yTrue.rank !== 2) {
        throw new ConvnetsError(
          `An F-score needs one row a sample. Labels are [${yTrue.shape}], outputs [${yPred.shape}].`,
        );
      }
      const labels = tf.cast(yTrue, "float32");
      const found = tf.cast(isFound(yPred, threshold), "float32");
      const sum = (x: Tensor) =>
        tf.sum(weights === undefined ? x : tf.mul(x, weightsLike(x, { weights })), 0);
      const both = sum(tf.mul(found, labels));
      const wrong = sum(tf.mul(found, tf.sub(1, labels)));
      return [both, wrong, sum(tf.mul(tf.sub(1, found), labels))];
    });
  return { combine: "sum", width: 3 * columns, measure };
}

function isFound(yPred: Tensor, threshold: number | null): Tensor {
  if (threshold !== null) return tf.greater(yPred, threshold);
  const isLargest = tf.greaterEqual(yPred, tf.max(yPred, -1, true));
  return tf.logicalAnd(isLargest, tf.greater(tf.abs(yPred), 1e-9));
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function score(counts: readonly number[], beta: number): number {
  const [found, wrong, missed] = counts as [number, number, number];
  const precision = found / (found + wrong + epsilon);
  const recall = found / (found + missed + epsilon);
  return ((1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall + epsilon);
}

function make(kind: string, given: FBetaScoreOptions, options: { beta?: number }): KerasMetric {
  const { average = "macro", threshold = null } = given;
  const { beta = 1 } = options;
  checkOneOf("average", average ?? undefined, ["macro", "weighted", "micro"]);
  checkNumber("threshold", threshold ?? undefined, { above: 0, high: 1 });
  checkNumber("beta", beta, { above: 0 });
  return makeMetric(kind, given, {
    options: { average, threshold, ...options },
    metric: ({ shape }) => {
      const columns = shape.at(-1)!;
      return {
        ...counting(threshold, columns),
        ...(average === null ? { parts: columns } : {}),
        result(numbers) {
          const kinds = [0, 1, 2].map((i) => numbers.slice(i * columns, (i + 1) * columns));
          if (average === "micro") return score(kinds.map(total), beta);
          const scores = kinds[0]!.map((_, i) =>
            score(
              kinds.map((each) => each[i]!),
              beta,
            ),
          );
          if (average === null) return scores;
          if (average === "macro") return total(scores) / columns;
          const actual = kinds[0]!.map((found, i) => found + kinds[2]![i]!);
          return total(scores.map((each, i) => each * actual[i]!)) / (total(actual) + epsilon);
        },
      };
    },
  });
}

/**
 * The harmonic mean of precision and recall.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.f1Score({ average: "weighted" });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#f1score-class
 */
export const f1Score = (options: F1ScoreOptions = {}): KerasMetric => {
  rejectUnknownOptions(options, known, "metrics.f1Score");
  return make("f1Score", options, {});
};

/**
 * A mean of precision and recall in which one of the two counts more.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.fBetaScore({ beta: 2 });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/classification_metrics/#fbetascore-class
 */
export const fBetaScore = (options: FBetaScoreOptions = {}): KerasMetric => {
  rejectUnknownOptions(options, { ...known, beta: true }, "metrics.fBetaScore");
  const { beta = 1 } = options;
  return make("fBetaScore", options, { beta });
};
