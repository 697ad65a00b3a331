/** Changes images in ways that are themselves chosen at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkWhole } from "../checks";
import { randomBeta, randomGamma } from "../engine";
import { tf } from "../tfjs";
import { type Config, type Factor, factorBounds, oneOf } from "./options";
import { type Interpolation, interpolations } from "./projectiveTransform";
import { clip, RandomColorLayer, type RandomColorOptions } from "./randomColor";
import { type Change, changeSomehow, changes } from "./repertoire";

/** What layers take that choose among changes. */
interface ChoiceOptions extends RandomColorOptions {
  /** How pixels between others are found. @default "bilinear" */
  interpolation?: Interpolation;
}

/** Options of `layers.randAugment`. */
export interface RandAugmentOptions extends ChoiceOptions {
  /** How many changes follow one another, from 1 to 100. @default 2 */
  numOps?: number;
  /** How strong each is, in [0, 1]; one number is the upper bound. @default 0.5 */
  factor?: Factor;
}

/** Options of `layers.augMix`. */
export interface AugMixOptions extends ChoiceOptions {
  /** How many changed images are mixed, from 1 to 100. @default 3 */
  numChains?: number;
  /** How many changes each goes through, from 1 to 100. @default 3 */
  chainDepth?: number;
  /** How strong each is, in [0, 1]; one number is the upper bound. @default 0.3 */
  factor?: Factor;
  /** How evenly images are mixed: the parameter of the beta and Dirichlet distributions. Above 0. @default 1 */
  alpha?: number;
  /** Whether brightness, contrast, paleness and sharpness are among the changes. @default true */
  allOps?: boolean;
}

const upTo100 = { low: 1, high: 100 };

/** A layer that changes a batch in ways of its choice. */
abstract class ChoosingLayer extends RandomColorLayer {
  /** How pixels between others are found. */
  readonly interpolation: Interpolation;

  constructor(options: ChoiceOptions & { factor?: Factor }, byDefault: number) {
    super(options, factorBounds("factor", options.factor ?? byDefault, { low: 0, high: 1 }));
    this.interpolation = oneOf("interpolation", options.interpolation, {
      allowed: interpolations,
      byDefault: "bilinear",
    });
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), interpolation: this.interpolation };
  }
}

/**
 * Changes each batch in a few ways, one after another, while training; each way is drawn anew for each batch.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/rand_augment/
 * @see Cubuk et al., "RandAugment: Practical automated data augmentation", NeurIPS 2020
 */
export class RandAugment extends ChoosingLayer {
  /** Keras' name of the class. */
  static className = "RandAugment";
  private readonly numOps: number;
  private readonly ways: Change[];

  constructor(options: RandAugmentOptions = {}) {
    super(options, 0.5);
    checkWhole("numOps", options.numOps, upTo100);
    this.numOps = options.numOps ?? 2;
    this.ways = changes(this, this.keys, { withColours: true });
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const { keys, numOps, ways } = this;
    let changed = images;
    for (let i = 0; i < numOps; i++) changed = changeSomehow(changed, ways, { keys, orNot: false });
    return changed;
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), numOps: this.numOps };
  }
}

/**
 * Mixes each image with several changed ones while training; changes are drawn anew for each batch.
 *
 * All changes are computed wherever one is chosen, which takes `numChains · chainDepth` times as long as
 * `layers.randAugment({ numOps: 1 })`.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/aug_mix/
 * @see Hendrycks et al., "AugMix: A simple data processing method to improve robustness", ICLR 2020
 */
export class AugMix extends ChoosingLayer {
  /** Keras' name of the class. */
  static className = "AugMix";
  private readonly chains: {
    numChains: number;
    chainDepth: number;
    alpha: number;
    allOps: boolean;
  };
  private readonly ways: Change[];

  constructor(options: AugMixOptions = {}) {
    super(options, 0.3);
    checkWhole("numChains", options.numChains, upTo100);
    checkWhole("chainDepth", options.chainDepth, upTo100);
    checkNumber("alpha", options.alpha, { above: 0 });
    checkBoolean("allOps", options.allOps);
    const { numChains = 3, chainDepth = 3, alpha = 1, allOps = true } = options;
    this.chains = { numChains, chainDepth, alpha, allOps };
    this.ways = changes(this, this.keys, { withColours: allOps });
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const { keys, ways } = this;
    const { numChains, chainDepth } = this.chains;
    const alpha = tf.scalar(this.chains.alpha);
    const amounts = randomGamma([numChains], alpha, keys);
    const shares = tf.split(tf.div(amounts, tf.sum(amounts)), numChains);
    const own = randomBeta([1], alpha, keys);
    const mixed = shares.map((share) => {
      let changed = images;
      for (let i = 0; i < chainDepth; i++) {
        changed = changeSomehow(changed, ways, { keys, orNot: true });
      }
      return tf.mul(changed, share);
    });
    const sum = tf.add(tf.mul(images, own), tf.mul(tf.addN(mixed), tf.sub(1, own)));
    return clip(sum, this.valueRange);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.chains };
  }
}
