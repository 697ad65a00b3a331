/** How far the pixels of classes overlap: the intersection over the union, over whole epochs. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkList,
  checkNumber,
  checkWhole,
  rejectUnknownOptions,
} from "../../checks";
import { ConvnetsError, invalidArgument } from "../../errors";
import { tf } from "../../tfjs";
import {
  type KerasMetric,
  type Metric,
  type MetricOptions,
  makeMetric,
  weightsLike,
} from "../metric";

/** Options of `metrics.oneHotMeanIoU`. */
export interface OneHotMeanIoUOptions extends MetricOptions {
  /** How many classes there are. */
  numClasses: number;
  /** A class number that doesn't count, such as that of unlabelled pixels. @default none */
  ignoreClass?: number | null;
  /** Whether outputs are class numbers, not one number for each class. @default false, of `meanIoU` and `ioU` true */
  sparseYPred?: boolean;
  /** The axis of the classes. @default -1 */
  axis?: number;
}

/** Options of `metrics.meanIoU`. */
export interface MeanIoUOptions extends OneHotMeanIoUOptions {
  /** Whether labels are class numbers, not one-hot. @default true */
  sparseYTrue?: boolean;
}

/** Options of `metrics.oneHotIoU`. */
export interface OneHotIoUOptions extends OneHotMeanIoUOptions {
  /** The classes whose mean is measured. */
  targetClassIds: readonly number[];
}

/** Options of `metrics.ioU`. */
export interface IoUOptions extends MeanIoUOptions {
  /** The classes whose mean is measured. */
  targetClassIds: readonly number[];
}

/** Options of `metrics.binaryIoU`. */
export interface BinaryIoUOptions extends MetricOptions {
  /** The classes whose mean is measured: 0, 1 or both. @default [0, 1] */
  targetClassIds?: readonly number[];
  /** From which output on it is class 1. @default 0.5 */
  threshold?: number;
}

const epsilon = 1e-7;
const common = {
  numClasses: true,
  ignoreClass: true,
  sparseYPred: true,
  axis: true,
  name: true,
} as const;

interface Overlap {
  numClasses: number;
  classes: readonly number[];
  ignoreClass: number | null;
  /** Class numbers of labels and outputs. */
  numbersOf(yTrue: Tensor, yPred: Tensor): [Tensor, Tensor];
}

/** A count for each pair of classes, of the label and of the output. */
function overlap({ numClasses, classes, ignoreClass, numbersOf }: Overlap): Omit<Metric, "name"> {
  return {
    combine: "sum",
    width: numClasses ** 2,
    measure: (yTrue, yPred, { mask, weights: given } = {}) =>
      tf.tidy(() => {
        const [labels, guesses] = numbersOf(yTrue, yPred).map((numbers) =>
          tf.reshape(tf.cast(numbers, "int32"), [-1]),
        ) as [Tensor, Tensor];
        checkSizes(labels, guesses, { yTrue, yPred });
        const number = (value: number) => tf.scalar(value, "int32");
        const isClass = (x: Tensor) =>
          tf.logicalAnd(tf.greaterEqual(x, number(0)), tf.less(x, number(numClasses)));
        let counts: Tensor = tf.logicalAnd(isClass(labels), isClass(guesses));
        if (ignoreClass !== null) {
          counts = tf.logicalAnd(counts, tf.notEqual(labels, number(ignoreClass)));
        }
        const places = tf.add(tf.mul(labels, number(numClasses)), guesses);
        const valid = tf.mul(places, tf.cast(counts, "int32")) as ReturnType<typeof tf.tensor1d>;
        let weights = tf.cast(counts, "float32");
        if (mask !== undefined)
          weights = tf.mul(weights, tf.reshape(tf.cast(mask, "float32"), [-1]));
        if (given !== undefined) weights = tf.mul(weights, wholeWeights(guesses, yTrue, given));
        return [tf.unsortedSegmentSum(weights, valid, numClasses ** 2)];
      }),
    result(counts) {
      const sum = (at: (i: number) => number) =>
        Array.from({ length: numClasses }, (_, i) => counts[at(i)]!).reduce((a, b) => a + b, 0);
      const shares = classes.flatMap((one) => {
        const common = counts[one * numClasses + one]!;
        const union = sum((i) => one * numClasses + i) + sum((i) => i * numClasses + one) - common;
        return union === 0 ? [] : [common / (union + epsilon)];
      });
      return shares.reduce((a, b) => a + b, 0) / (shares.length + epsilon);
    },
  };
}

/** What each number counts: Keras counts in whole numbers, and cuts weights down to them. */
function wholeWeights(numbers: Tensor, yTrue: Tensor, weights: Tensor): Tensor {
  const samples = tf.reshape(numbers, [yTrue.shape[0]!, -1]);
  const spread = weightsLike(samples, { weights: tf.reshape(weights, [yTrue.shape[0]!, -1]) });
  return tf.reshape(tf.cast(tf.cast(spread, "int32"), "float32"), [-1]);
}

function checkSizes(
  labels: Tensor,
  guesses: Tensor,
  given: { yTrue: Tensor; yPred: Tensor },
): void {
  if (labels.size === guesses.size) return;
  const { yTrue, yPred } = given;
  throw new ConvnetsError(
    `An IoU needs a class number for each label and output. Labels are [${yTrue.shape}], outputs [${yPred.shape}].`,
    {
      hint: "Say `sparseYPred: false` for one output a class, `sparseYTrue: false` for one-hot labels.",
    },
  );
}

/** One of the four that count class numbers. */
function ofClasses(
  kind: string,
  options: IoUOptions,
  own: readonly (keyof IoUOptions)[],
): KerasMetric {
  const { numClasses, ignoreClass = null, axis = -1, targetClassIds } = options;
  const { sparseYTrue = true, sparseYPred = true } = options;
  checkWhole("numClasses", numClasses, { low: 1, high: 10_000, required: true });
  checkWhole("ignoreClass", ignoreClass ?? undefined);
  checkWhole("axis", axis, { low: -8, high: 8 });
  checkBoolean("sparseYTrue", sparseYTrue);
  checkBoolean("sparseYPred", sparseYPred);
  checkClasses(targetClassIds, numClasses);
  const all = { numClasses, targetClassIds, ignoreClass, sparseYTrue, sparseYPred, axis };
  const numbersOf = (yTrue: Tensor, yPred: Tensor): [Tensor, Tensor] => [
    sparseYTrue ? yTrue : tf.argMax(yTrue, axis),
    sparseYPred ? yPred : tf.argMax(yPred, axis),
  ];
  const kept = Object.entries(all).filter(([key]) => own.includes(key as keyof IoUOptions));
  return makeMetric(kind, options, {
    options: Object.fromEntries(kept),
    metric: () => overlap({ numClasses, classes: targetClassIds, ignoreClass, numbersOf }),
  });
}

function checkClasses(classes: unknown, numClasses: number): void {
  const fits = (item: unknown) =>
    Number.isInteger(item) && Number(item) >= 0 && Number(item) < numClasses;
  const what = `numbers of classes from 0 to ${numClasses - 1}`;
  if (classes === undefined)
    throw invalidArgument("targetClassIds", { expected: what, received: classes });
  checkList("targetClassIds", classes, { what, fits });
}

/** All of them, once it is known how many there are. */
function everyClass(numClasses: number): number[] {
  checkWhole("numClasses", numClasses, { low: 1, high: 10_000, required: true });
  return Array.from({ length: numClasses }, (_, i) => i);
}

/**
 * The mean of the classes' intersections over unions, as Keras measures it: classes that nowhere occur don't count.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.meanIoU({ numClasses: 3, sparseYTrue: false, sparseYPred: false });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/segmentation_metrics/#meaniou-class
 */
export const meanIoU = (options: MeanIoUOptions): KerasMetric => {
  rejectUnknownOptions(options, { ...common, sparseYTrue: true }, "metrics.meanIoU");
  const targetClassIds = everyClass(options?.numClasses);
  return ofClasses("meanIoU", { ...options, targetClassIds }, [
    ...(["numClasses", "ignoreClass", "sparseYTrue", "sparseYPred", "axis"] as const),
  ]);
};

/**
 * The intersection over the union of some classes.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.ioU({ numClasses: 3, targetClassIds: [1], sparseYTrue: false, sparseYPred: false });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/segmentation_metrics/#iou-class
 */
export const ioU = (options: IoUOptions): KerasMetric => {
  const known = { ...common, sparseYTrue: true, targetClassIds: true } as const;
  rejectUnknownOptions(options, known, "metrics.ioU");
  return ofClasses("ioU", options, [
    ...(["numClasses", "targetClassIds", "ignoreClass"] as const),
    ...(["sparseYTrue", "sparseYPred", "axis"] as const),
  ]);
};

/**
 * `meanIoU` of one-hot labels.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.oneHotMeanIoU({ numClasses: 3 });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/segmentation_metrics/#onehotmeaniou-class
 */
export const oneHotMeanIoU = (options: OneHotMeanIoUOptions): KerasMetric => {
  rejectUnknownOptions(options, common, "metrics.oneHotMeanIoU");
  const { sparseYPred = false } = options;
  const all = {
    ...options,
    targetClassIds: everyClass(options.numClasses),
    sparseYPred,
    sparseYTrue: false,
  };
  return ofClasses("oneHotMeanIoU", all, ["numClasses", "ignoreClass", "sparseYPred", "axis"]);
};

/**
 * `ioU` of one-hot labels.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.oneHotIoU({ numClasses: 3, targetClassIds: [0, 2] });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/segmentation_metrics/#onehotiou-class
 */
export const oneHotIoU = (options: OneHotIoUOptions): KerasMetric => {
  rejectUnknownOptions(options, { ...common, targetClassIds: true }, "metrics.oneHotIoU");
  const { sparseYPred = false } = options;
  return ofClasses("oneHotIoU", { ...options, sparseYPred, sparseYTrue: false }, [
    ...(["numClasses", "targetClassIds", "ignoreClass", "sparseYPred", "axis"] as const),
  ]);
};

/**
 * The intersection over the union of what is above a threshold, and of the rest.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.binaryIoU({ targetClassIds: [1], threshold: 0.3 });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/segmentation_metrics/#binaryiou-class
 */
export const binaryIoU = (options: BinaryIoUOptions = {}): KerasMetric => {
  const known = { targetClassIds: true, threshold: true, name: true } as const;
  rejectUnknownOptions(options, known, "metrics.binaryIoU");
  const { targetClassIds = [0, 1], threshold = 0.5 } = options;
  checkClasses(targetClassIds, 2);
  checkNumber("threshold", threshold);
  const numbersOf = (yTrue: Tensor, yPred: Tensor): [Tensor, Tensor] => [
    yTrue,
    tf.greaterEqual(yPred, threshold),
  ];
  return makeMetric("binaryIoU", options, {
    options: { targetClassIds, threshold },
    metric: () => overlap({ numClasses: 2, classes: targetClassIds, ignoreClass: null, numbersOf }),
  });
};
