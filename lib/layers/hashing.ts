/** Categories of whole numbers of which nobody has a list: they share a given number of places. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import { type Shape, tf } from "../tfjs";
import { encoded, encodedShape, type OutputMode, outputModes } from "./categories";
import { bucketsOfCross, bucketsOfText, type Salt } from "./hashes";
import { type CommonLayerOptions, type Config, oneOf } from "./options";
import { PlainLayer } from "./plainLayer";

/** Options of `layers.hashing`. */
export interface HashingOptions extends CommonLayerOptions {
  /** How many categories there are. */
  numBins: number;
  /** The number that is category 0; all others have the other categories then. @default none */
  maskValue?: number | null;
  /** Makes another hash: a whole number, or two. @default none: FarmHash64 */
  salt?: number | readonly [number, number] | null;
  /** The category's number (`"int"`), or as `layers.categoryEncoding` has it. @default "int" */
  outputMode?: OutputMode;
}

/** Options of `layers.hashedCrossing`. */
export interface HashedCrossingOptions extends CommonLayerOptions {
  /** How many categories there are. */
  numBins: number;
  /** The category's number, or a vector for it. @default "int" */
  outputMode?: "int" | "oneHot";
}

/** A salt as Keras keeps it: two numbers. */
export function saltOf(salt: number | readonly number[] | null | undefined): Salt | null {
  if (salt === undefined || salt === null) return null;
  const both = typeof salt === "number" ? [salt, salt] : salt;
  if (Array.isArray(both) && both.length === 2 && both.every(Number.isInteger)) {
    return [both[0], both[1]];
  }
  throw invalidArgument("salt", { expected: "a whole number, or two", received: salt });
}

/**
 * Makes categories of whole numbers by a hash.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/hashing/
 */
export class Hashing extends PlainLayer {
  /** Keras' name of the class. */
  static className = "Hashing";
  private readonly numBins: number;
  private readonly maskValue: number | null;
  private readonly salt: Salt | null;
  private readonly outputMode: OutputMode;

  constructor(options: HashingOptions) {
    super(options);
    checkWhole("numBins", options.numBins, { low: 1, required: true });
    checkWhole("maskValue", options.maskValue ?? undefined);
    this.numBins = options.numBins;
    this.maskValue = options.maskValue ?? null;
    this.salt = saltOf(options.salt);
    this.outputMode = oneOf("outputMode", options.outputMode, {
      allowed: outputModes,
      byDefault: "int",
    });
  }

  protected override compute(input: Tensor): Tensor {
    return encoded(this.bins(tf.cast(input, "int32")), this.outputMode, this.numBins);
  }

  /** Category 0 is kept for what is masked, where there is another one. */
  private bins(numbers: Tensor): Tensor {
    const { numBins, maskValue, salt } = this;
    if (maskValue === null || numBins === 1) return bucketsOfText(numbers, numBins, salt);
    const others = tf.add(bucketsOfText(numbers, numBins - 1, salt), tf.scalar(1, "int32"));
    const isMasked = tf.equal(numbers, tf.scalar(maskValue, "int32"));
    return tf.where(isMasked, tf.zerosLike(others), others);
  }

  protected override shapeAfter(shape: Shape): Shape {
    return this.outputMode === "int" ? shape : encodedShape(shape, this.outputMode, this.numBins);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { numBins, maskValue, outputMode, salt } = this;
    return { ...super.getConfig(), numBins, maskValue, outputMode, salt: salt && [...salt] };
  }
}

/**
 * Makes categories of combinations of whole numbers by a hash.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/hashed_crossing/
 */
export class HashedCrossing extends tf.layers.Layer {
  /** Keras' name of the class. */
  static className = "HashedCrossing";
  private readonly numBins: number;
  private readonly outputMode: "int" | "oneHot";

  constructor(options: HashedCrossingOptions) {
    super(options as ConstructorParameters<typeof tf.layers.Layer>[0]);
    checkWhole("numBins", options.numBins, { low: 1, required: true });
    this.numBins = options.numBins;
    this.outputMode = oneOf("outputMode", options.outputMode, {
      allowed: ["int", "oneHot"],
      byDefault: "int",
    });
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const features = [inputs].flat();
      this.computeOutputShape(features.map(({ shape }) => shape));
      const numbers = features.map((feature) => tf.cast(feature, "int32"));
      return encoded(bucketsOfCross(numbers, this.numBins), this.outputMode, this.numBins);
    });
  }

  /** The output's shape for the inputs', `null` for what may vary. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [first, ...others] = inputShape as Shape[];
    const isColumn = (shape: unknown) =>
      Array.isArray(shape) && (shape.length === 1 || (shape.length === 2 && shape[1] === 1));
    const isAlike = (shape: Shape | undefined) => String(shape) === String(first);
    if (others.length === 1 && isColumn(first) && isAlike(others[0])) {
      return this.outputMode === "int" ? first! : [...first!.slice(0, 1), this.numBins];
    }
    throw invalidArgument("inputs", {
      expected: "two tensors of one shape, [batch] or [batch, 1]",
      received: inputShape,
    });
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), numBins: this.numBins, outputMode: this.outputMode };
  }
}
