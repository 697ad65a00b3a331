/** Weights at right angles. */
import type { Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, checkOneOf, rejectUnknownOptions } from "../checks";
import { ConvnetsError } from "../errors";
import { registerClass, tf } from "../tfjs";

/** What a layer takes as `kernelRegularizer`. */
export type Regularizer = ReturnType<typeof tf.regularizers.l1l2>;

/** Options of `regularizers.orthogonalRegularizer`. */
export interface OrthogonalRegularizerOptions {
  /** What the loss counts. @default 0.01 */
  factor?: number;
  /** What is to be at right angles. @default "rows" */
  mode?: "rows" | "columns";
}

/** tfjs' base class, which it doesn't export and asks for. */
const Base = Object.getPrototypeOf(
  tf.regularizers.l1l2().constructor,
) as typeof tf.serialization.Serializable;

/** How far the rows or columns of a matrix are from being at right angles. */
export class OrthogonalRegularizer extends Base {
  /** Keras' name of the class. */
  static className = "OrthogonalRegularizer";

  private readonly config: Required<OrthogonalRegularizerOptions>;

  /** tfjs gives more than the options. */
  constructor({ factor = 0.01, mode = "rows" }: OrthogonalRegularizerOptions) {
    super();
    this.config = { factor, mode };
  }

  /** The penalty of a matrix; the caller disposes it. */
  apply(x: Tensor): Scalar {
    if (x.rank !== 2) {
      throw new ConvnetsError(`An OrthogonalRegularizer needs a matrix. Received: [${x.shape}].`);
    }
    const { factor, mode } = this.config;
    return tf.tidy(() => {
      const axis = mode === "rows" ? 1 : 0;
      const size = x.shape[1 - axis]!;
      const lengths = tf.sqrt(tf.maximum(tf.sum(tf.square(x), axis, true), 1e-24));
      const unit = tf.div(x, lengths);
      const products = tf.matMul(unit, unit, axis === 0, axis === 1);
      const others = tf.mul(products, tf.sub(1, tf.eye(size)));
      const pairs = (size * (size - 1)) / 2;
      return tf.div(tf.mul(tf.sum<Scalar>(tf.abs(others)), 0.5 * factor), pairs);
    });
  }

  override getConfig() {
    return { ...this.config };
  }
}

/**
 * Draws the rows or columns of a layer's matrix to right angles; other regularizers are in `tf.regularizers`.
 *
 * @returns A regularizer for a layer whose weight is a matrix, such as `tf.layers.dense`.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { regularizers, tf } from "convnets";
 * const kernelRegularizer = regularizers.orthogonalRegularizer({ factor: 0.1 });
 * const layer = tf.layers.dense({ units: 8, kernelRegularizer });
 * @see https://keras.io/api/layers/regularizers/#orthogonalregularizer-class
 */
export function orthogonalRegularizer(options: OrthogonalRegularizerOptions = {}): Regularizer {
  rejectUnknownOptions(options, { factor: true, mode: true }, "orthogonalRegularizer()");
  const { factor, mode } = options;
  checkNumber("factor", factor, { low: 0 });
  if (mode !== undefined) checkOneOf("mode", mode, ["rows", "columns"]);
  registerClass(OrthogonalRegularizer);
  return new OrthogonalRegularizer(options);
}
