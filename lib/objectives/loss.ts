/** What Keras' losses have in common: settings that files keep, and what becomes of the losses of samples. */
import type { Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkOneOf, checkText } from "../checks";
import { type LossOrMetric, tf } from "../tfjs";

/** How the losses of samples may become one number. */
export const reductions = ["sumOverBatchSize", "sum", "mean", "meanWithSampleWeight"] as const;

/** How the losses of samples become one number. @inline */
export type Reduction = (typeof reductions)[number];

/** What every loss takes. */
export interface LossOptions {
  /**
   * How the losses of samples become one number: their mean (under two names), their sum, or their sum divided by that
   * of the sample weights. Keras' `"none"` is for loops of one's own: call the loss as a function there.
   *
   * @default "sumOverBatchSize"
   */
  reduction?: Reduction;
  /** Name in files. @default Keras' own */
  name?: string;
}

/** The options that every loss has. */
export const lossOptions = { reduction: true, name: true } as const;

/** What labels a loss takes. @inline */
export type LabelForm = "outputs" | "classes" | "numbers" | "groups" | "sequences";

/** A loss with its settings. @inline */
export interface LossSettings {
  /** Which loss, by its name in `losses`. */
  name: string;
  /** Every option but the reduction. */
  options: Readonly<Record<string, number | boolean | null | readonly number[]>>;
  /** How the losses of samples become one number. */
  reduction: Reduction;
  /** Its name in files, where that isn't Keras' own. */
  title?: string;
  /**
   * Shaped like outputs; a class number for each prediction; class numbers as they are given; a number for each sample;
   * or a row of numbers for each.
   */
  labels: LabelForm;
}

/** A loss function that `compile` takes, and that knows its settings. */
export type KerasLoss = LossOrMetric & {
  /** The settings. */
  readonly settings: LossSettings;
  /** @internal Which of the losses count; left out where all do. */
  readonly counted?: (yTrue: Tensor, values: Tensor) => Tensor;
};

/** What makes a loss. */
interface LossRecipe<Options> {
  /** The options that were given. */
  given: Options;
  /** All but the reduction, checked and complete. */
  options: LossSettings["options"];
  /** The losses of samples, or one for all. */
  losses: LossOrMetric;
  /** Left out where labels are shaped like outputs. */
  labels?: LabelForm;
  counted?: KerasLoss["counted"];
}

/** Makes a loss function. */
export function makeLoss<Options extends LossOptions>(
  name: string,
  { given, options, losses, labels = "outputs", counted }: LossRecipe<Options>,
): KerasLoss {
  const { reduction = "sumOverBatchSize", name: title } = given;
  checkOneOf("reduction", reduction, reductions);
  if (title !== undefined) checkText("name", title, { what: "a name" });
  const named = title === undefined ? {} : { title };
  const settings: LossSettings = { name, options, reduction, labels, ...named };
  const loss = (yTrue: Tensor, yPred: Tensor) => tf.tidy(() => losses(yTrue, yPred));
  Object.defineProperty(loss, "name", { value: name });
  return Object.assign(loss, { settings }, counted === undefined ? {} : { counted });
}

/** Whether what `compile` took is a loss with settings. */
export function isKerasLoss(given: unknown): given is KerasLoss {
  return typeof given === "function" && "settings" in given;
}

/**
 * One number of the losses of samples, as Keras has it.
 *
 * @param values float32, whatever its shape.
 * @param options.weights What each counts.
 * @param options.mask Which of them count; the others' share is theirs.
 */
export function reduced(
  values: Tensor,
  {
    weights,
    mask,
    reduction,
  }: { weights: Tensor | undefined; mask: Tensor | undefined; reduction: Reduction },
): Scalar {
  const isMean = reduction === "sumOverBatchSize" || reduction === "mean";
  const share = mask && (isMean ? shares(mask) : tf.cast(mask, "float32"));
  let weighted = share === undefined ? values : tf.mul(values, share);
  if (weights !== undefined) weighted = tf.mul(weighted, weights);
  if (isMean) return tf.mean(weighted);
  const sum = tf.sum<Scalar>(weighted);
  const factor = weights && share ? tf.mul(weights, share) : (weights ?? share);
  if (reduction === "sum") return sum;
  if (factor === undefined) return tf.mean(weighted);
  // tfjs' divNoNan has no gradient but NaN where it divides by 0.
  const all = tf.sum(factor);
  return tf.div(sum, tf.where(tf.equal(all, 0), tf.scalar(Number.POSITIVE_INFINITY), all));
}

/** What the losses of samples are divided by: their number, nothing, or a sum of weights. */
export type Normalizer = "examples" | "none" | Tensor;

/** What `reduced` divides by, for what is computed of a batch's parts; the same options. */
export function normalizerOf({
  weights,
  mask,
  reduction,
}: {
  weights: Tensor | undefined;
  mask: Tensor | undefined;
  reduction: Reduction;
}): Normalizer {
  if (reduction === "sum") return "none";
  const counted = mask && tf.cast(mask, "float32");
  if (reduction !== "meanWithSampleWeight") return counted ? tf.sum(counted) : "examples";
  const factor = weights && counted ? tf.mul(weights, counted) : (weights ?? counted);
  return factor === undefined ? "examples" : tf.sum(factor);
}

/** The weight of each time step: those that count share what all would have. */
function shares(mask: Tensor): Tensor {
  const counted = tf.cast(mask, "float32");
  return tf.divNoNan(counted, tf.mean(counted));
}
