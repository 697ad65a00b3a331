/** `ReLU` and `ELU` with all of Keras' options, of which tfjs computes some, and a layer that does nothing. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { elu, relu } from "./formulas";
import type { CommonLayerOptions, Config } from "./options";
import { PlainLayer } from "./plainLayer";

/** Options of `layers.reLU`. */
export interface ReLUOptions extends CommonLayerOptions {
  /** The largest output; 0 or more. @default none */
  maxValue?: number | null;
  /** What is below the threshold is multiplied by this; 0 or more. @default 0 */
  negativeSlope?: number;
  /** What is up to here counts as below; 0 or more. @default 0 */
  threshold?: number;
}

/** Options of `layers.elu`. */
export interface ELUOptions extends CommonLayerOptions {
  /** What outputs of very negative inputs tend to, times -1. @default 1 */
  alpha?: number;
}

/** Leaves out what is negative. */
export class ReLU extends PlainLayer {
  /** Keras' name of the class. */
  static className = "ReLU";
  private readonly options: { negativeSlope: number; maxValue: number | null; threshold: number };

  constructor(options: ReLUOptions = {}) {
    super(options);
    this.supportsMasking = true;
    for (const name of ["maxValue", "negativeSlope", "threshold"] as const) {
      checkNumber(name, options[name] ?? undefined, { low: 0 });
    }
    this.options = {
      negativeSlope: options.negativeSlope ?? 0,
      maxValue: options.maxValue ?? null,
      threshold: options.threshold ?? 0,
    };
  }

  protected override compute(input: Tensor): Tensor {
    return relu(input, this.options);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.options };
  }
}

/** Bends what is negative towards -alpha. */
export class ELU extends PlainLayer {
  /** Keras' name of the class. */
  static className = "ELU";
  private readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    super(options);
    this.supportsMasking = true;
    checkNumber("alpha", options.alpha);
    this.alpha = options.alpha ?? 1;
  }

  protected override compute(input: Tensor): Tensor {
    return elu(input, this.alpha);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** Gives what it gets. */
export class Identity extends PlainLayer {
  /** Keras' name of the class. */
  static className = "Identity";

  constructor(options: CommonLayerOptions = {}) {
    super(options);
    this.supportsMasking = true;
  }

  protected override compute(input: Tensor): Tensor {
    return input.clone();
  }
}
