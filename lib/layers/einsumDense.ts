/** Dense layers whose products an equation tells, and the base of all that are made of them. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkText } from "../checks";
import { invalidArgument } from "../errors";
import { baseClass, type Config, type Shape, tf, type tf as tfjs, withFans } from "../tfjs";
import { einsum } from "./einsum";
import {
  checkBiasAxes,
  type EinsumPlan,
  type EinsumSettings,
  partsOf,
  planEinsum,
} from "./einsumPlan";
import type { CommonLayerOptions } from "./options";
import { oneInput, oneShape } from "./plainLayer";

/** What tfjs' dense layer takes for its weights. @inline */
type DenseArguments = Parameters<typeof tfjs.layers.dense>[0];

/** How kernels and biases begin, and are held. */
export interface ProjectionOptions extends CommonLayerOptions {
  /** The kernels' first values. @default "glorotUniform" */
  kernelInitializer?: DenseArguments["kernelInitializer"];
  /** The biases' first values. @default "zeros" */
  biasInitializer?: DenseArguments["biasInitializer"];
  /** What large kernels cost. @default nothing */
  kernelRegularizer?: DenseArguments["kernelRegularizer"];
  /** What large biases cost. @default nothing */
  biasRegularizer?: DenseArguments["biasRegularizer"];
  /** What kernels are brought to after each step. @default nothing */
  kernelConstraint?: DenseArguments["kernelConstraint"];
  /** What biases are brought to after each step. @default nothing */
  biasConstraint?: DenseArguments["biasConstraint"];
}

export const projectionOptions = {
  kernelInitializer: true,
  biasInitializer: true,
  kernelRegularizer: true,
  biasRegularizer: true,
  kernelConstraint: true,
  biasConstraint: true,
} as const;

/** Options of `layers.einsumDense`. */
export interface EinsumDenseOptions extends ProjectionOptions {
  /** The axes of input, kernel and output by letters: `abc,cd->abd`; with `...` for any axes before or after. */
  equation: string;
  /** The output's sizes without the batch, null where they are the input's; a number for one. */
  outputShape: number | (number | null)[];
  /** Activation of the output. @default none */
  activation?: DenseArguments["activation"];
  /** The axes of the output that a bias has. @default no bias */
  biasAxes?: string | null;
}

/** Products of an input with a kernel, and a bias. */
export interface Projection {
  plan: EinsumPlan;
  kernel: LayerVariable;
  bias: LayerVariable | undefined;
}

/** A layer that makes products of its inputs with kernels of its own. */
export abstract class ProjectingLayer extends baseClass("Dense") {
  constructor(options: ProjectionOptions & Config) {
    const { kernelInitializer, ...others } = options;
    super({ ...others, kernelInitializer: kernelInitializer ?? "glorotUniform", units: 1 });
  }

  /** Adds the weights of a product; `prefix` tells them from those of others. */
  protected addProjection(settings: EinsumSettings, inputShape: Shape, prefix = ""): Projection {
    const plan = planEinsum(settings, inputShape);
    const { kernelShape, biasShape, fans } = plan;
    const kernel = this.addWeight(
      ...([`${prefix}kernel`, kernelShape, "float32"] as const),
      withFans(this.kernelInitializer, fans),
      this.kernelRegularizer,
      true,
      this.kernelConstraint,
    );
    if (biasShape === undefined) return { plan, kernel, bias: undefined };
    const { biasInitializer, biasRegularizer, biasConstraint } = this;
    const bias = this.addWeight(
      ...([`${prefix}bias`, biasShape, "float32"] as const),
      biasInitializer,
      biasRegularizer,
      true,
      biasConstraint,
    );
    return { plan, kernel, bias };
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    const { units: _, activation: __, ...config } = super.getConfig();
    return config;
  }
}

/** Computes products; the caller disposes them. */
export function project(input: Tensor, { plan, kernel, bias }: Projection): Tensor {
  const products = einsum(plan.subscripts, [input, kernel.read()]);
  return bias === undefined ? products : tf.add(products, bias.read());
}

/** Sums products of an input and a kernel as an equation tells. */
export class EinsumDense extends ProjectingLayer {
  /** Keras' name of the class. */
  static className = "EinsumDense";
  private readonly settings: EinsumSettings;
  private projection: Projection | undefined;

  constructor(options: EinsumDenseOptions) {
    const { equation, outputShape, biasAxes = null, ...others } = options;
    checkText("equation", equation, { what: "an equation such as abc,cd->abd" });
    const { output } = partsOf(equation);
    const sizes = [outputShape].flat();
    const isSize = (size: unknown) => size === null || (Number.isInteger(size) && Number(size) > 0);
    if (sizes.length === 0 || !sizes.every(isSize)) {
      throw invalidArgument("outputShape", {
        expected: "a positive whole number, or a list of them and null",
        received: outputShape,
      });
    }
    if (biasAxes !== null) checkBiasAxes(biasAxes, output);
    super({ ...others, useBias: biasAxes !== null } as ProjectionOptions & Config);
    this.supportsMasking = false;
    this.settings = { equation, outputShape: sizes, biasAxes };
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    this.projection = this.addProjection(this.settings, shape);
    this.inputSpec = [{ ndim: shape.length }];
    this.built = true;
  }

  /** The output's shape for an input's, `null` for what may vary. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return planEinsum(this.settings, oneShape(inputShape)).outputShape;
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const output = project(oneInput(inputs), this.projection!);
      return this.activation.apply(output);
    });
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    const { useBias: _, ...config } = super.getConfig();
    const { equation, outputShape, biasAxes } = this.settings;
    const activation = this.activation.getClassName();
    return { ...config, activation, equation, outputShape: [...outputShape], biasAxes };
  }
}
