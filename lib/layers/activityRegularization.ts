/** Adds to the loss how large what goes through is. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { tf } from "../tfjs";
import type { CommonLayerOptions, Config } from "./options";
import { PlainLayer } from "./plainLayer";

/** Options of `layers.activityRegularization`. */
export interface ActivityRegularizationOptions extends CommonLayerOptions {
  /** What the sum of sizes counts for, 0 or more. @default 0 */
  l1?: number;
  /** What the sum of squares counts for, 0 or more. @default 0 */
  l2?: number;
}

/** Gives what it gets, and adds to the loss how large that is. */
export class ActivityRegularization extends PlainLayer {
  /** Keras' name of the class. */
  static className = "ActivityRegularization";
  private readonly factors: { l1: number; l2: number };

  constructor(options: ActivityRegularizationOptions = {}) {
    super(options);
    this.supportsMasking = true;
    for (const name of ["l1", "l2"] as const) checkNumber(name, options[name], { low: 0 });
    this.factors = { l1: options.l1 ?? 0, l2: options.l2 ?? 0 };
    this.activityRegularizer = tf.regularizers.l1l2(this.factors);
  }

  protected override compute(input: Tensor): Tensor {
    return tf.clone(input);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { activityRegularizer: _, ...config } = super.getConfig();
    return { ...config, ...this.factors };
  }
}
