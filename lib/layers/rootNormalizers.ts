/** Normalizations that tfjs lacks: by root mean squares, and to length 1. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { invalidArgument } from "../errors";
import { type Shape, tf } from "../tfjs";
import type { CommonLayerOptions, Config } from "./options";
import { oneShape, PlainLayer } from "./plainLayer";

/** Options of `layers.unitNormalization`. */
export interface UnitNormalizationOptions extends CommonLayerOptions {
  /** Along which axes the length is 1. @default -1 */
  axis?: number | number[];
}

/** Options of `layers.rmsNormalization`. */
export interface RMSNormalizationOptions extends CommonLayerOptions {
  /** Over which axes the squares are averaged. @default -1 */
  axis?: number | number[];
  /** Added to the mean square. @default 0.000001 */
  epsilon?: number;
}

function checkAxes(axis: number | number[]): number | number[] {
  const axes = [axis].flat();
  if (axes.length > 0 && axes.every(Number.isInteger)) return axis;
  throw invalidArgument("axis", { expected: "one or several whole numbers", received: axis });
}

/** Axes from the front, in order. */
function axesOf(axis: number | number[], shape: Shape): number[] {
  const axes = [axis].flat().map((each) => (each < 0 ? each + shape.length : each));
  if (axes.every((each) => each >= 0 && each < shape.length)) return axes.sort((a, b) => a - b);
  throw invalidArgument("axis", { expected: `axes of the input [${shape}]`, received: axis });
}

/** Divides by the length of each vector. */
export class UnitNormalization extends PlainLayer {
  /** Keras' name of the class. */
  static className = "UnitNormalization";
  private readonly axis: number | number[];

  constructor(options: UnitNormalizationOptions = {}) {
    super(options);
    this.supportsMasking = true;
    this.axis = checkAxes(options.axis ?? -1);
  }

  override build(inputShape: Shape | Shape[]): void {
    axesOf(this.axis, oneShape(inputShape));
    super.build(inputShape);
  }

  protected override compute(input: Tensor): Tensor {
    const squares = tf.sum(tf.square(input), axesOf(this.axis, input.shape), true);
    return tf.mul(input, tf.minimum(tf.rsqrt(squares), 1e12));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Divides by the root of the mean square, and multiplies by a learnt scale. */
export class RMSNormalization extends PlainLayer {
  /** Keras' name of the class. */
  static className = "RMSNormalization";
  private readonly axis: number | number[];
  private readonly epsilon: number;
  private weight: LayerVariable | undefined;

  constructor(options: RMSNormalizationOptions = {}) {
    super(options);
    this.axis = checkAxes(options.axis ?? -1);
    checkNumber("epsilon", options.epsilon, { low: 0 });
    this.epsilon = options.epsilon ?? 1e-6;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    const sizes = axesOf(this.axis, shape).map((axis) => shape[axis] ?? null);
    if (sizes.includes(null)) {
      throw invalidArgument("axis", {
        expected: `axes of known size of the input [${shape}]`,
        received: this.axis,
      });
    }
    this.weight = this.addWeight("scale", sizes, "float32", tf.initializers.ones());
    super.build(inputShape);
  }

  protected override compute(input: Tensor): Tensor {
    const axes = axesOf(this.axis, input.shape);
    const squares = tf.mean(tf.square(input), axes, true);
    const normalized = tf.mul(input, tf.rsqrt(tf.add(squares, this.epsilon)));
    return tf.mul(normalized, this.weight!.read());
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon };
  }
}
