/**
 * Dropout whose mask TensorFlow draws.
 *
 * tfjs' own dropout draws its mask in JavaScript, which is slow and can't be compiled into a graph.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { type KeySource, randomUniform } from "../engine";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { Config } from "./options";
import type { Rank } from "./perAxis";
import { RandomLayer, type RandomLayerOptions } from "./randomLayer";
import { type DataFormat, type DataFormatOptions, dataFormatOf, spatialAxes } from "./spatialLayer";

/** Options of `layers.spatialDropout1d`; `spatialDropout2d` and `spatialDropout3d` take `dataFormat` besides. */
export interface SpatialDropoutOptions extends RandomLayerOptions {
  /** Share of the inputs that are set to 0, in [0, 1]. */
  rate: number;
}

/** Options of `layers.dropout`. */
export interface DropoutOptions extends SpatialDropoutOptions {
  /**
   * Shape of the mask, broadcast over the input; `null` takes the input's own size there. With `[null, 1, null]`, all
   * time steps of a sequence share one mask.
   *
   * @default the input's shape
   */
  noiseShape?: (number | null)[] | null;
}

/** Checks a mask's shape: positive integers, and `null` for "as the input". */
export function checkNoiseShape(
  noiseShape: (number | null)[] | null | undefined,
): (number | null)[] | null {
  if (noiseShape === undefined || noiseShape === null) return null;
  const isSize = (size: number | null) => size === null || (Number.isInteger(size) && size > 0);
  if (!Array.isArray(noiseShape) || !noiseShape.every(isSize)) {
    throw invalidArgument("noiseShape", {
      expected: "a list of positive whole numbers and null",
      received: noiseShape,
    });
  }
  return noiseShape;
}

/** The mask's shape for one input. */
export function concreteNoiseShape(input: Tensor, noiseShape: (number | null)[] | null): number[] {
  return (noiseShape ?? input.shape).map((size, axis) => size ?? input.shape[axis]!);
}

/** What inputs are multiplied by: 0 for the share `rate` of them, and for the others what keeps the expected sum. */
export function dropoutMask(shape: number[], rate: number, keys: KeySource): Tensor {
  const kept = tf.greaterEqual(randomUniform(shape, keys), rate);
  return tf.mul(tf.cast(kept, "float32"), 1 / (1 - rate));
}

/** Sets random inputs to 0 while training and scales the others up, so that the expected sum stays. */
export class Dropout extends RandomLayer {
  /** Keras' name of the class. */
  static className = "Dropout";
  /** Share of the inputs that are dropped. */
  readonly rate: number;
  protected readonly noiseShape: (number | null)[] | null;

  constructor(options: DropoutOptions) {
    super(options);
    checkNumber("rate", options.rate, { low: 0, high: 1, required: true });
    this.rate = options.rate;
    this.noiseShape = checkNoiseShape(options.noiseShape);
  }

  protected maskShape(input: Tensor): number[] {
    return concreteNoiseShape(input, this.noiseShape);
  }

  protected override perturb(input: Tensor): Tensor {
    if (this.rate === 0) return input;
    if (this.rate === 1) return tf.zerosLike(input);
    return tf.mul(input, dropoutMask(this.maskShape(input), this.rate, this.keys));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate, noiseShape: this.noiseShape };
  }
}

abstract class SpatialDropout extends Dropout {
  private readonly dataFormat: DataFormat;
  private readonly rank: Rank;

  constructor(options: SpatialDropoutOptions & DataFormatOptions, rank: Rank) {
    const { dataFormat, ...others } = options;
    super(others);
    this.dataFormat = dataFormatOf(dataFormat);
    this.rank = rank;
    this.inputSpec = [{ ndim: rank + 2 }];
  }

  protected override maskShape(input: Tensor): number[] {
    const axes = spatialAxes(this.rank, this.dataFormat);
    return input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { noiseShape: _, ...config } = super.getConfig();
    return this.rank === 1 ? config : { ...config, dataFormat: this.dataFormat };
  }
}

/** Drops whole features of a sequence `[batch, steps, features]`. */
export class SpatialDropout1D extends SpatialDropout {
  /** Keras' name of the class. */
  static override className = "SpatialDropout1D";

  constructor(options: SpatialDropoutOptions) {
    super(options, 1);
  }
}

/** Drops whole feature maps of images `[batch, height, width, channels]`. */
export class SpatialDropout2D extends SpatialDropout {
  /** Keras' name of the class. */
  static override className = "SpatialDropout2D";

  constructor(options: SpatialDropoutOptions & DataFormatOptions) {
    super(options, 2);
  }
}

/** Drops whole feature maps of volumes `[batch, depth, height, width, channels]`. */
export class SpatialDropout3D extends SpatialDropout {
  /** Keras' name of the class. */
  static override className = "SpatialDropout3D";

  constructor(options: SpatialDropoutOptions & DataFormatOptions) {
    super(options, 3);
  }
}
