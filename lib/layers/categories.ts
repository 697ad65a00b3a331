/** Numbers of categories as vectors, and numbers as categories. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, checkWhole } from "../checks";
import { ConvnetsError, invalidArgument } from "../errors";
import { type ArrangedCall, DType, runKernel, type Shape, type TakesArguments, tf } from "../tfjs";
import { boundariesOf } from "./binBoundaries";
import { isTensor, rejectUnknownArguments } from "./callChecks";
import { type CommonLayerOptions, type Config, oneOf } from "./options";
import { PlainLayer } from "./plainLayer";

/** What a call may be told. */
const known = ["countWeights"];
const encodings = ["oneHot", "multiHot", "count"] as const;
/** What a category may become. */
export const outputModes = ["int", ...encodings] as const;
/** What becomes of a category's number. @inline */
export type OutputMode = (typeof outputModes)[number];

/** Options of `layers.categoryEncoding`. */
export interface CategoryEncodingOptions extends CommonLayerOptions {
  /** How many categories there are; numbers outside [0, numTokens) count for none. */
  numTokens: number;
  /**
   * One vector for each number (`"oneHot"`), or one for all numbers of an example, of 0 and 1 (`"multiHot"`) or of how
   * often each comes (`"count"`).
   *
   * @default "multiHot"
   */
  outputMode?: (typeof encodings)[number];
}

/** Options of `layers.discretization`; one of `binBoundaries` and `numBins` must be given. */
export interface DiscretizationOptions extends CommonLayerOptions {
  /** Where one category ends and the next begins, least first. @default as `adapt` finds them */
  binBoundaries?: number[] | null;
  /** How many categories `adapt` makes. @default null */
  numBins?: number | null;
  /** How precisely `adapt` looks for boundaries: a share of the data, in (0, 1]. @default 0.01 */
  epsilon?: number;
  /** The category's number (`"int"`), or as `layers.categoryEncoding` has it. @default "int" */
  outputMode?: OutputMode;
}

/**
 * Makes vectors of whole numbers.
 *
 * A call that counts may be told `countWeights`, a tensor of the input's shape: how much each number counts.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/category_encoding/
 */
export class CategoryEncoding extends PlainLayer implements TakesArguments {
  /** Keras' name of the class. */
  static className = "CategoryEncoding";
  /** What is kept of a call in a model. */
  readonly callArguments: readonly string[] = ["inputNames", "namedFrom"];
  private readonly numTokens: number;
  private readonly outputMode: OutputMode;

  constructor(options: CategoryEncodingOptions) {
    super(options);
    checkWhole("numTokens", options.numTokens, { low: 1, required: true });
    this.numTokens = options.numTokens;
    this.outputMode = oneOf("outputMode", options.outputMode, {
      allowed: encodings,
      byDefault: "multiHot",
    });
  }

  /** Checks a call, and makes an input of its weights. */
  arrangeCall({ inputs, kwargs }: ArrangedCall): ArrangedCall {
    const isArranged = kwargs.inputNames !== undefined;
    const { countWeights, ...others } = kwargs;
    if (!isArranged) rejectUnknownArguments(others, { title: "CategoryEncoding", known });
    const weights = isArranged ? inputs[1] : (countWeights ?? undefined);
    if (weights !== undefined && this.outputMode !== "count") {
      throw invalidArgument("countWeights", {
        expected: `left out where \`outputMode\` is "${this.outputMode}": only "count" counts`,
        received: weights,
      });
    }
    if (isArranged) return { inputs, kwargs };
    if (weights === undefined) return { inputs, kwargs: { ...others, inputNames: ["inputs"] } };
    const [input] = inputs as [(typeof inputs)[number]];
    if (!isTensor(weights) || String(weights.shape) !== String(input.shape)) {
      throw invalidArgument("countWeights", {
        expected: `a tensor of the input's shape, [${input.shape}]`,
        received: weights,
      });
    }
    const inputNames = ["inputs", "countWeights"];
    return { inputs: [input, weights], kwargs: { ...others, inputNames } };
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    const [input, weights] = [inputs].flat() as [Tensor, Tensor?];
    return tf.tidy(() => {
      const numbers = tf.cast(input, "int32");
      if (weights === undefined) return encoded(numbers, this.outputMode, this.numTokens);
      const vectors = tf.cast(tf.oneHot(numbers, this.numTokens), "float32");
      return tf.sum(tf.mul(vectors, tf.expandDims(weights, -1)), -2);
    });
  }

  protected override compute(input: Tensor): Tensor {
    return this.call(input);
  }

  protected override shapeAfter(shape: Shape): Shape {
    return encodedShape(shape, this.outputMode, this.numTokens);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { numTokens, outputMode } = this;
    return { ...super.getConfig(), numTokens, outputMode };
  }
}

/**
 * Makes categories of numbers by where they lie.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/numerical/discretization/
 */
export class Discretization extends PlainLayer {
  /** Keras' name of the class. */
  static className = "Discretization";
  private binBoundaries: number[] | null;
  private readonly options: { numBins: number | null; epsilon: number; outputMode: OutputMode };

  constructor(options: DiscretizationOptions) {
    super(options);
    const { binBoundaries = null, numBins = null } = options;
    checkWhole("numBins", numBins ?? undefined, { low: 1 });
    checkNumber("epsilon", options.epsilon, { above: 0, high: 1 });
    const isList = Array.isArray(binBoundaries) && binBoundaries.every(Number.isFinite);
    if (binBoundaries !== null && !isList) {
      throw invalidArgument("binBoundaries", {
        expected: "a list of numbers",
        received: binBoundaries,
      });
    }
    if (binBoundaries === null && numBins === null) {
      throw invalidArgument("binBoundaries", {
        expected: "a list of numbers, where `numBins` isn't given",
        received: binBoundaries,
      });
    }
    this.binBoundaries = binBoundaries;
    this.options = {
      numBins,
      epsilon: options.epsilon ?? 0.01,
      outputMode: oneOf("outputMode", options.outputMode, {
        allowed: outputModes,
        byDefault: "int",
      }),
    };
  }

  /**
   * Finds boundaries between which equally many of the numbers lie.
   *
   * @throws ConvnetsError for a layer that was made without `numBins`.
   */
  adapt(data: Tensor): void {
    const { numBins, epsilon } = this.options;
    if (numBins === null) {
      throw new ConvnetsError(
        "A discretization that was given its boundaries can't adapt. Make it with `numBins`.",
      );
    }
    this.binBoundaries = boundariesOf(data.dataSync() as Float32Array, numBins, epsilon);
  }

  protected override compute(input: Tensor): Tensor {
    const attrs = { T: { type: DType.float32 }, boundaries: { floats: this.boundaries() } };
    const [categories] = runKernel("Bucketize", [tf.cast(input, "float32")], { attrs });
    return encoded(categories!, this.options.outputMode, this.boundaries().length + 1);
  }

  protected override shapeAfter(shape: Shape): Shape {
    const { outputMode } = this.options;
    if (outputMode === "int") return shape;
    return encodedShape(shape, outputMode, this.boundaries().length + 1);
  }

  private boundaries(): number[] {
    if (this.binBoundaries !== null) return this.binBoundaries;
    throw new ConvnetsError("A discretization with `numBins` has to `adapt` to data first.");
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), binBoundaries: this.binBoundaries, ...this.options };
  }
}

/** Vectors of int32 categories: one for each, or one for all along the last axis. */
export function encoded(categories: Tensor, mode: OutputMode, size: number): Tensor {
  if (mode === "int") return categories;
  const { shape, rank } = categories;
  const single = mode === "oneHot" && rank > 1 && shape.at(-1) === 1;
  const each = single ? tf.reshape(categories, shape.slice(0, -1)) : categories;
  const vectors = tf.cast(tf.oneHot(each, size), "float32");
  if (mode === "oneHot") return vectors;
  if (rank > 2) {
    throw invalidArgument("inputs", {
      expected: "one row of numbers for each example",
      received: categories,
    });
  }
  const counts = tf.sum(vectors, -2);
  return mode === "count" ? counts : tf.minimum(counts, 1);
}

/** The shape of such vectors. */
export function encodedShape(shape: Shape, mode: OutputMode, size: number): Shape {
  const isEach = mode === "oneHot" && (shape.length === 1 || shape.at(-1) !== 1);
  return [...(isEach ? shape : shape.slice(0, -1)), size];
}
