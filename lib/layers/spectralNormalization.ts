/** A wrapper that keeps a layer's kernel at a spectral norm of 1. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import {
  type CallArguments,
  type Config,
  type Layer,
  ownWeights,
  type Shape,
  tf,
  type Weight,
  wrapperClass,
} from "../tfjs";
import type { CommonLayerOptions } from "./options";
import { oneShape } from "./plainLayer";

/** Options of `layers.spectralNormalization`. */
export interface SpectralNormalizationOptions extends CommonLayerOptions {
  /** A layer with a kernel, or an embedding. */
  layer: Layer;
  /** How often the norm is estimated anew at each step. @default 1 */
  powerIterations?: number;
}

/**
 * The weight that is normalized, by its name in tfjs; a separable convolution has two.
 *
 * Keras 3.15.1 brings what a wrapped embedding gives to the type of its input: whole numbers, where that is of such.
 */
function kernelOf(layer: Layer): Weight | undefined {
  const isDepthwise = layer.getClassName() === "DepthwiseConv2D";
  const names = ["kernel", "embeddings", ...(isDepthwise ? ["depthwise_kernel"] : [])];
  return ownWeights(layer).find(({ originalName }) =>
    names.includes(originalName.split("/").at(-1)!),
  );
}

/** Brings a vector to length 1. */
function normalized(vector: Tensor): Tensor {
  return tf.mul(vector, tf.minimum(tf.rsqrt(tf.sum(tf.square(vector))), 1e7));
}

/** Divides a layer's kernel by its largest singular value at each step of training. */
export class SpectralNormalization extends wrapperClass() {
  /** Keras' name of the class. */
  static className = "SpectralNormalization";
  private readonly powerIterations: number;
  private kernel!: Weight;
  private vector!: LayerVariable;

  constructor(options: SpectralNormalizationOptions) {
    const { layer, powerIterations = 1 } = options;
    if (!(layer instanceof tf.layers.Layer)) {
      throw invalidArgument("layer", { expected: "a layer", received: layer });
    }
    checkWhole("powerIterations", powerIterations, { low: 1 });
    super({ ...options } as Config);
    this.powerIterations = powerIterations;
  }

  override build(inputShape: Shape | Shape[]): void {
    const { layer } = this;
    if (!layer.built) {
      layer.build(oneShape(inputShape));
      layer.built = true;
    }
    const kernel = kernelOf(layer);
    if (kernel === undefined) {
      throw invalidArgument("layer", {
        expected: "one with a kernel of its own, or an embedding",
        received: layer.getClassName(),
      });
    }
    this.kernel = kernel;
    const initializer = tf.initializers.truncatedNormal({ stddev: 0.02 });
    const shape = [1, kernel.shape.at(-1)!];
    this.vector = this.addWeight("vector_u", shape, "float32", initializer, undefined, false);
    this.built = true;
  }

  /** What Keras keeps in the layer's place of a file: the kernel once more, and what estimates its norm. */
  get kept(): Weight[] {
    return [this.kernel, this.vector as Weight];
  }

  override get nonTrainableWeights(): LayerVariable[] {
    return [...this.layer.nonTrainableWeights, ...(this.vector === undefined ? [] : [this.vector])];
  }

  override getWeights(): Tensor[] {
    return tf.layers.Layer.prototype.getWeights.call(this);
  }

  override setWeights(weights: Tensor[]): void {
    tf.layers.Layer.prototype.setWeights.call(this, weights);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return this.layer.computeOutputShape(inputShape);
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[], kwargs: CallArguments = {}): Tensor | Tensor[] {
    return tf.tidy(() => {
      if (kwargs.training === true) this.normalize();
      return this.layer.call(inputs, kwargs as Parameters<Layer["call"]>[1]);
    });
  }

  private normalize(): void {
    const kernel = this.kernel.read();
    const isEmpty = tf.all(tf.equal(kernel, 0));
    const matrix = tf.reshape(kernel, [-1, kernel.shape.at(-1)!]);
    let vector: Tensor = this.vector.read();
    let other: Tensor = vector;
    for (let i = 0; i < this.powerIterations; i++) {
      other = normalized(tf.matMul(vector, matrix, false, true));
      vector = normalized(tf.matMul(other, matrix));
    }
    const norm = tf.matMul(tf.matMul(other, matrix), vector, false, true);
    const divided = tf.div(kernel, tf.reshape(norm, []));
    const [newVector, newKernel] = [
      tf.where(isEmpty, this.vector.read(), vector),
      tf.where(isEmpty, kernel, divided),
    ];
    this.vector.write(newVector);
    this.kernel.write(newKernel);
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    return { ...super.getConfig(), powerIterations: this.powerIterations };
  }
}
