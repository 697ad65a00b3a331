/**
 * The area under a curve, as Keras measures it: the curve has a point for each of some thresholds, and all batches of
 * an epoch count for it alike.
 *
 * @see https://keras.io/api/metrics/classification_metrics/#auc-class
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkList,
  checkOneOf,
  checkText,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { ConvnetsError } from "../errors";
import { type LossOrMetric, tf } from "../tfjs";
import { areaUnder } from "./curves";
import { weightsLike } from "./metric";
import { areEven, bucketSums, epsilon, exceeded, exceededEven } from "./thresholds";

/** Options of `metrics.auc`; names and defaults are Keras'. */
export interface AucOptions {
  /** How many thresholds, evenly from 0 to 1, where `thresholds` doesn't list them. @default 200 */
  numThresholds?: number;
  /** Recall over false positives, precision over recall, or the same as gains. @default "ROC" */
  curve?: "ROC" | "PR" | "PRGAIN";
  /** How heights between two thresholds are taken; for "PR", "interpolation" is that of true positives. @default "interpolation" */
  summationMethod?: "interpolation" | "minoring" | "majoring";
  /** Name in the logs. @default "auc" */
  name?: string;
  /** Thresholds in [0, 1]; 0 and 1 are added. @default `numThresholds` of them */
  thresholds?: readonly number[] | null;
  /** Whether each column of the outputs has a curve of its own; the mean of the areas is measured. @default false */
  multiLabel?: boolean;
  /** How many columns there are, with `multiLabel`. @default as many as the outputs have */
  numLabels?: number | null;
  /** Weights of the columns of the outputs. @default 1 for each */
  labelWeights?: readonly number[] | null;
  /** Whether the model's outputs are logits, not probabilities. @default false */
  fromLogits?: boolean;
}

const known: KnownOptions<AucOptions> = {
  numThresholds: true,
  curve: true,
  summationMethod: true,
  name: true,
  thresholds: true,
  multiLabel: true,
  numLabels: true,
  labelWeights: true,
  fromLogits: true,
};

/** An AUC with all that it is measured by. @inline */
export interface AucSettings {
  /** Which curve. */
  curve: "ROC" | "PR" | "PRGAIN";
  /** How heights between two thresholds are taken. */
  summationMethod: "interpolation" | "minoring" | "majoring";
  /** Thresholds between the first and the last, in order. */
  thresholds: readonly number[];
  /** Whether the user listed the thresholds. */
  isListed: boolean;
  /** Whether each column has a curve of its own. */
  multiLabel: boolean;
  /** How many columns there are, where that was said. */
  numLabels: number | undefined;
  /** Weights of the columns; 1 for each where there are none. */
  labelWeights: readonly number[] | undefined;
  /** Whether outputs are logits. */
  fromLogits: boolean;
}

/** A metric that `compile` takes, and that knows its settings. */
export type AucMetric = LossOrMetric & {
  /** The settings. */
  readonly auc: AucSettings;
};

const isShare = (item: unknown) => typeof item === "number" && item >= 0 && item <= 1;
const isWeight = (item: unknown) => typeof item === "number" && item >= 0 && item < Infinity;

/**
 * The area under the ROC curve, or under that of precision and recall.
 *
 * As in Keras it has a point for each of 200 thresholds, and the labels of all batches count alike: the area isn't a
 * mean of areas. In `compile` the names `"auc"` and `"AUC"` stand for it with its defaults.
 *
 * @returns A function of labels and outputs of one shape, `[batch, …]` float32; it gives a float32 scalar, the area of
 *   that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 1, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const area = metrics.auc({ curve: "PR", name: "average" });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: ["auc", area] });
 * @see https://keras.io/api/metrics/classification_metrics/#auc-class
 */
export function auc(options: AucOptions = {}): AucMetric {
  rejectUnknownOptions(options, known, "metrics.auc");
  const { numThresholds = 200, curve = "ROC", summationMethod = "interpolation" } = options;
  const { name = "auc", multiLabel = false, fromLogits = false } = options;
  const listed = options.thresholds ?? undefined;
  const labelWeights = options.labelWeights ?? undefined;
  const numLabels = options.numLabels ?? undefined;
  checkWhole("numThresholds", numThresholds, { low: 2, high: 100_000 });
  checkOneOf("curve", curve, ["ROC", "PR", "PRGAIN"]);
  checkOneOf("summationMethod", summationMethod, ["interpolation", "minoring", "majoring"]);
  checkText("name", name, { what: "a name" });
  checkList("thresholds", listed, { what: "numbers in [0, 1]", fits: isShare });
  checkList("labelWeights", labelWeights, { what: "numbers of at least 0", fits: isWeight });
  checkBoolean("multiLabel", multiLabel);
  checkWhole("numLabels", numLabels, { low: 1 });
  checkBoolean("fromLogits", fromLogits);
  const isListed = listed !== undefined;
  const thresholds = isListed ? listed.toSorted((a, b) => a - b) : evenly(numThresholds);
  const settings: AucSettings = {
    ...{ curve, summationMethod, thresholds, isListed, multiLabel, numLabels, labelWeights },
    fromLogits,
  };
  const ofBatch = (yTrue: Tensor, yPred: Tensor) =>
    tf.tidy(() =>
      tf.scalar(areaOf(settings, [...bucketsOf(settings, yTrue, { yPred }).dataSync()])),
    );
  return Object.assign(Object.defineProperty(ofBatch, "name", { value: name }), { auc: settings });
}

function evenly(count: number): number[] {
  return Array.from({ length: count - 2 }, (_, i) => (i + 1) / (count - 1));
}

/** Whether what `compile` took is an AUC with settings. */
export function isAuc(given: unknown): given is AucMetric {
  return typeof given === "function" && "auc" in given;
}

/** How many numbers a batch contributes, for outputs of a shape. */
export function bucketCount(settings: AucSettings, shape: readonly (number | null)[]): number {
  const columns = settings.multiLabel ? shape.at(-1)! : 1;
  return 2 * (settings.thresholds.length + 3) * columns;
}

/**
 * How many labels that are true, and that aren't, lie between any two thresholds.
 *
 * @param yTrue Labels, zero or not, shaped like `yPred`.
 * @param options.yPred float32 [batch, …].
 * @param options.weights What each sample counts.
 * @returns float32 [columns × (thresholds + 1) × 2]: column by column, first what exceeds no threshold, each time the
 *   true ones before the others; the caller disposes it.
 */
export function bucketsOf(
  settings: AucSettings,
  yTrue: Tensor,
  { yPred, weights }: { yPred: Tensor; weights?: Tensor | undefined },
): Tensor {
  const { labelWeights, multiLabel, fromLogits } = settings;
  checkShapes(settings, yTrue, yPred);
  return tf.tidy(() => {
    const columns = multiLabel ? yPred.shape.at(-1)! : 1;
    const scores = tf.reshape(fromLogits ? tf.sigmoid(yPred) : yPred, [-1, columns]);
    const isTrue = tf.cast(tf.notEqual(tf.cast(yTrue, "float32"), 0), "float32");
    let counted = weights && weightsLike(yPred, { weights });
    if (labelWeights !== undefined && !multiLabel) {
      counted = tf.mul(counted ?? tf.onesLike(yPred), tf.tensor1d([...labelWeights]));
    }
    const buckets = settings.thresholds.length + 3;
    const first = tf.tensor1d(
      Array.from({ length: columns }, (_, column) => column * buckets),
      "int32",
    );
    const places = tf.add(tf.cast(bucketOf(settings, scores), "int32"), first);
    return bucketSums(tf.reshape(places, [-1]), {
      isTrue: tf.reshape(isTrue, [-1]),
      weights: counted && tf.reshape(counted, [-1]),
      buckets: columns * buckets,
    });
  });
}

/** How many thresholds each score exceeds. */
function bucketOf({ thresholds, isListed }: AucSettings, scores: Tensor): Tensor {
  if (isListed && !areEven([0, ...thresholds, 1])) {
    return exceeded(scores, [-epsilon, ...thresholds, 1 + epsilon]);
  }
  // Those within [0, 1] exceed the first, whatever they are.
  return tf.add(tf.relu(tf.sub(exceededEven(scores, thresholds.length + 2), 1)), 1);
}

function checkShapes(
  { multiLabel, numLabels, labelWeights }: AucSettings,
  yTrue: Tensor,
  yPred: Tensor,
) {
  const plain = ({ shape }: Tensor) =>
    shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
  const shapes = `Labels are [${yTrue.shape}], outputs [${yPred.shape}]`;
  if (!tf.util.arraysEqual(plain(yTrue), plain(yPred))) {
    throw new ConvnetsError(
      `The metric AUC needs labels that are shaped like outputs. ${shapes}.`,
      {
        hint: "For several classes it needs one-hot labels.",
      },
    );
  }
  if (multiLabel && yPred.rank !== 2) {
    throw new ConvnetsError(
      `The metric AUC with \`multiLabel\` needs one row a sample. ${shapes}.`,
    );
  }
  if (multiLabel && numLabels !== undefined && numLabels !== yPred.shape.at(-1)) {
    throw new ConvnetsError(`The metric AUC has \`numLabels: ${numLabels}\`. ${shapes}.`);
  }
  if (labelWeights !== undefined && labelWeights.length !== yPred.shape.at(-1)) {
    throw new ConvnetsError(
      `The metric AUC has ${labelWeights.length} \`labelWeights\`, one for each column. ${shapes}.`,
    );
  }
}

/** The area, from what batches have contributed. */
export function areaOf(settings: AucSettings, sums: readonly number[]): number {
  const { thresholds, labelWeights } = settings;
  const width = 2 * (thresholds.length + 3);
  const columns = Array.from({ length: sums.length / width }, (_, i) =>
    areaUnder(settings, sums.slice(i * width, (i + 1) * width)),
  );
  const weights = settings.multiLabel ? labelWeights : undefined;
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  if (weights === undefined) return total(columns) / columns.length;
  const weight = total(weights);
  return weight === 0 ? 0 : total(columns.map((area, i) => area * weights[i]!)) / weight;
}
