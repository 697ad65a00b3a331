/** Noise that TensorFlow draws; tfjs draws it in JavaScript. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { randomNormal, randomUniform } from "../engine";
import { tf } from "../tfjs";
import { checkNoiseShape, concreteNoiseShape } from "./dropout";
import type { Config } from "./options";
import { RandomLayer, type RandomLayerOptions } from "./randomLayer";

/** Options of `layers.gaussianNoise`. */
export interface GaussianNoiseOptions extends RandomLayerOptions {
  /** Standard deviation of the noise, in [0, 1]. */
  stddev: number;
}

/** Options of `layers.gaussianDropout`. */
export interface GaussianDropoutOptions extends RandomLayerOptions {
  /** The noise has standard deviation `sqrt(rate / (1 - rate))`; in [0, 1). */
  rate: number;
}

/** Options of `layers.alphaDropout`. */
export interface AlphaDropoutOptions extends RandomLayerOptions {
  /** Share of the inputs that are set to SELU's negative saturation, in [0, 1). */
  rate: number;
  /** Shape of the mask; `null` takes the input's own size there. @default the input's shape */
  noiseShape?: (number | null)[] | null;
}

/** Adds normal noise while training. */
export class GaussianNoise extends RandomLayer {
  /** Keras' name of the class. */
  static className = "GaussianNoise";
  /** Standard deviation of the noise. */
  readonly stddev: number;

  constructor(options: GaussianNoiseOptions) {
    super(options);
    checkNumber("stddev", options.stddev, { low: 0, high: 1, required: true });
    this.stddev = options.stddev;
  }

  protected override perturb(input: Tensor): Tensor {
    if (this.stddev === 0) return input;
    return tf.add(input, tf.mul(randomNormal(input.shape, this.keys), this.stddev));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), stddev: this.stddev };
  }
}

/** Multiplies by normal noise around 1 while training. */
export class GaussianDropout extends RandomLayer {
  /** Keras' name of the class. */
  static className = "GaussianDropout";
  /** Share of the inputs that are dropped. */
  readonly rate: number;

  constructor(options: GaussianDropoutOptions) {
    super(options);
    checkNumber("rate", options.rate, { low: 0, below: 1, required: true });
    this.rate = options.rate;
  }

  protected override perturb(input: Tensor): Tensor {
    if (this.rate === 0) return input;
    const stddev = Math.sqrt(this.rate / (1 - this.rate));
    return tf.mul(input, tf.add(tf.mul(randomNormal(input.shape, this.keys), stddev), 1));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/** What SELU tends to for very negative inputs. */
const saturation = -1.6732632423543772 * 1.0507009873554805;

/**
 * Dropout for SELU networks: keeps mean and variance of normalized inputs.
 *
 * @see Klambauer et al., "Self-normalizing neural networks", NIPS 2017
 */
export class AlphaDropout extends RandomLayer {
  /** Keras' name of the class. */
  static className = "AlphaDropout";
  /** Share of the inputs that are dropped. */
  readonly rate: number;
  private readonly noiseShape: (number | null)[] | null;

  constructor(options: AlphaDropoutOptions) {
    super(options);
    checkNumber("rate", options.rate, { low: 0, below: 1, required: true });
    this.rate = options.rate;
    this.noiseShape = checkNoiseShape(options.noiseShape);
  }

  protected override perturb(input: Tensor): Tensor {
    const { rate } = this;
    if (rate === 0) return input;
    const draws = randomUniform(concreteNoiseShape(input, this.noiseShape), this.keys);
    const kept = tf.cast(tf.greaterEqual(draws, rate), "float32");
    const scale = ((1 - rate) * (1 + rate * saturation ** 2)) ** -0.5;
    const shift = -scale * saturation * rate;
    const dropped = tf.add(tf.mul(input, kept), tf.mul(tf.sub(1, kept), saturation));
    return tf.add(tf.mul(dropped, scale), shift);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate, noiseShape: this.noiseShape };
  }
}
