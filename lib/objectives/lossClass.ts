/** Losses of a user's own as classes, with settings that files keep. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkOneOf, checkText, rejectUnknownOptions } from "../checks";
import { type LossOrMetric, tf, trustClass } from "../tfjs";
import { type LossOptions, lossOptions, type Reduction, reductions } from "./loss";
import { checkOwnClass, describedObjective, titleOfClass } from "./ownClasses";

/** A loss is called as a function: `compile` takes it as one. */
export interface Loss extends LossOrMetric {}

/**
 * Base class of losses of one's own, Keras' `keras.losses.Loss`: `call` gives the loss of each sample.
 *
 * An object of the class is a function of labels and outputs, which gives what `call` gives. Labels come as float32 in the
 * shape they have; of an output of one unit, those without an axis for it get one, where Keras 3.15.1 leaves them as they are.
 *
 * @example
 * import { losses, registerKerasLoss, tf } from "convnets";
 * class Cubed extends losses.Loss {
 *   static override className = "Cubed";
 *   call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
 *     return tf.mean(tf.pow(tf.abs(tf.sub(yTrue, yPred)), 3), -1);
 *   }
 * }
 * registerKerasLoss("mine>Cubed", Cubed);
 * @see https://keras.io/api/losses/#base-loss-api
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor gives a function
export abstract class Loss {
  /** The name of Python's class. */
  static className: string;
  /** Its name in files. */
  declare readonly name: string;
  /** How the losses of samples become one number. */
  declare readonly reduction: Reduction;

  /**
   * @param options What every loss takes; a class with settings of its own takes them from its options first.
   * @throws InvalidArgumentError for an option that is unknown or outside what is allowed; ConvnetsError for a class that lacks
   *   its `className` or a method.
   */
  constructor(options: LossOptions = {}) {
    checkOwnClass(new.target, ["call"]);
    rejectUnknownOptions(options, lossOptions, new.target.className);
    const { reduction = "sumOverBatchSize", name = titleOfClass(new.target) } = options;
    checkOneOf("reduction", reduction, reductions);
    checkText("name", name, { what: "a name" });
    const loss = Object.setPrototypeOf(
      (yTrue: Tensor, yPred: Tensor) => tf.tidy(() => loss.call(yTrue, yPred)),
      new.target.prototype,
    ) as Loss;
    Object.defineProperty(loss, "name", { value: name });
    // biome-ignore lint/correctness/noConstructorReturn: what is called must be a function
    return Object.assign(loss, { reduction });
  }

  /**
   * The losses of a batch.
   *
   * @param yTrue Labels, float32.
   * @param yPred Outputs, `[batch, …]` float32.
   * @returns The loss of each sample, `[batch, …]`; what is made besides is disposed.
   */
  abstract call(yTrue: Tensor, yPred: Tensor): Tensor;

  /** The settings, as the constructor takes them; a class with settings of its own adds them. */
  getConfig(): Record<string, unknown> {
    return { name: this.name, reduction: this.reduction };
  }

  /** @internal What it follows from, for a hash. */
  toJSON(): object {
    return describedObjective(this);
  }
}

trustClass(Loss);
