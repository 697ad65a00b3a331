/** Normalization of each example by itself, along any axes, with all of Keras' options. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber } from "../checks";
import { invalidArgument } from "../errors";
import { asConstraint, baseClass, type Config, type Shape, serialized, tf } from "../tfjs";
import type { ProjectionOptions } from "./einsumDense";
import type { CommonLayerOptions } from "./options";
import { oneInput, oneShape } from "./plainLayer";

/** What tfjs' normalization takes for its weights. @inline */
type WeightOptions = Pick<
  NonNullable<Parameters<typeof tf.layers.layerNormalization>[0]>,
  "betaInitializer" | "gammaInitializer" | "betaRegularizer" | "gammaRegularizer"
>;

/** Options of `layers.layerNormalization`. */
export interface LayerNormalizationOptions extends CommonLayerOptions, WeightOptions {
  /** The axes whose values are brought to mean 0 and deviation 1 together. @default -1 */
  axis?: number | number[];
  /** Added to the variance. @default 0.001 */
  epsilon?: number;
  /** Whether a learnt value is added. @default true */
  center?: boolean;
  /** Whether a learnt value is multiplied by. @default true */
  scale?: boolean;
  /** Whether the mean is left where it is, and nothing added: an older way of Keras'. @default false */
  rmsScaling?: boolean;
  /** What the added values are brought to after each step. @default nothing */
  betaConstraint?: ProjectionOptions["biasConstraint"];
  /** What the multiplied values are brought to after each step. @default nothing */
  gammaConstraint?: ProjectionOptions["kernelConstraint"];
}

/** Brings the values along some axes to mean 0 and deviation 1. */
export class LayerNormalization extends baseClass("LayerNormalization") {
  /** Keras' name of the class. */
  static className = "LayerNormalization";
  private readonly rmsScaling: boolean;
  protected readonly addedToVariance: number;
  private readonly constraints: Record<"beta" | "gamma", ReturnType<typeof asConstraint>>;
  /** From the front, in the order of the numbers that were given, which is that of the weights' axes. */
  private axes: number[] = [];
  protected readonly learnt: { gamma?: LayerVariable; beta?: LayerVariable } = {};

  constructor(options: LayerNormalizationOptions = {}) {
    const { axis = -1, epsilon = 1e-3, rmsScaling = false } = options;
    const axes = [axis].flat();
    if (axes.length === 0 || !axes.every(Number.isInteger)) {
      throw invalidArgument("axis", { expected: "one or several whole numbers", received: axis });
    }
    checkNumber("epsilon", epsilon, { low: 0 });
    for (const name of ["center", "scale", "rmsScaling"] as const) {
      checkBoolean(name, options[name]);
    }
    super({ ...options, axis, epsilon } as Config);
    this.rmsScaling = rmsScaling;
    this.addedToVariance = epsilon;
    const [beta, gamma] = [options.betaConstraint, options.gammaConstraint].map(asConstraint);
    this.constraints = { beta: beta!, gamma: gamma! };
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    const given = [this.axis].flat().toSorted((a, b) => a - b);
    const axes = given.map((axis) => (axis < 0 ? axis + shape.length : axis));
    const isFitting = axes.every((axis) => axis >= 0 && shape[axis] != null);
    if (!isFitting || new Set(axes).size !== axes.length) {
      throw invalidArgument("axis", {
        expected: `different axes of known size of the input [${shape}]`,
        received: this.axis,
      });
    }
    this.axes = axes;
    const sizes = axes.map((axis) => shape[axis]!);
    const { gammaInitializer, gammaRegularizer, betaInitializer, betaRegularizer } = this;
    const { gamma, beta } = this.constraints;
    const add = (
      name: "gamma" | "beta",
      ...rest: [typeof gammaInitializer, typeof gammaRegularizer, typeof gamma]
    ) => {
      const [initializer, regularizer, constraint] = rest;
      return this.addWeight(name, sizes, "float32", initializer, regularizer, true, constraint!);
    };
    if (this.scale || this.rmsScaling) {
      this.learnt.gamma = add("gamma", gammaInitializer, gammaRegularizer, gamma);
    }
    if (this.center && !this.rmsScaling) {
      this.learnt.beta = add("beta", betaInitializer, betaRegularizer, beta);
    }
    this.built = true;
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const input = tf.cast(oneInput(inputs), "float32");
      const sizes = input.shape.map((size, axis) => (this.axes.includes(axis) ? size : 1));
      const along = (weight: LayerVariable | undefined) =>
        weight === undefined ? undefined : tf.reshape(weight.read(), sizes);
      const { mean, variance } = tf.moments(input, this.axes, true);
      const root = tf.rsqrt(tf.add(variance, this.addedToVariance));
      const [gamma, beta] = [along(this.learnt.gamma), along(this.learnt.beta)];
      const inverse = gamma === undefined ? root : tf.mul(root, gamma);
      if (this.rmsScaling) return tf.mul(input, inverse);
      const shifted = tf.neg(tf.mul(mean, inverse));
      const rest = beta === undefined ? shifted : tf.add(shifted, beta);
      return tf.add(tf.mul(input, inverse), rest);
    });
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    const { rmsScaling, constraints } = this;
    return {
      ...super.getConfig(),
      rmsScaling,
      betaConstraint: serialized(constraints.beta) as never,
      gammaConstraint: serialized(constraints.gamma) as never,
    };
  }
}
