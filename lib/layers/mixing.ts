/** Mixes images of a batch with one another, and their labels. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { randomBeta, randomOrder, randomUniform } from "../engine";
import { tf } from "../tfjs";
import { areas, drawBoxes, withinBoxes } from "./boxes";
import type { Range } from "./colours";
import { asBatch, checkImages, type ImageLayerOptions, RandomImageLayer } from "./imageLayer";
import { type Config, type Factor, factorBounds } from "./options";
import type { CallArguments } from "./randomLayer";

/** Options of `layers.mixUp`. */
export interface MixUpOptions extends ImageLayerOptions {
  /** How strongly images are mixed: near 0 hardly, with 1 by any share alike. In (0, 1]. @default 0.2 */
  alpha?: number;
}

/** Options of `layers.cutMix`. */
export interface CutMixOptions extends ImageLayerOptions {
  /** How much the size of parts varies, in [0, 1]; one number is the upper bound. @default 1 */
  factor?: Factor;
}

/** Images with their labels. */
export type LabelledImages = {
  /** A batch `[batch, height, width, channels]`. */
  images: Tensor;
  /** One row for each image, `[batch, classes]`. @default none */
  labels?: Tensor;
};

/** What mixes a batch: images, and the share of its own label that each keeps, `[batch, 1, 1, 1]`. */
interface Mixed {
  images: Tensor;
  order: Tensor;
  kept: Tensor;
}

/** A layer that mixes each image of a batch with another one. */
abstract class MixingLayer extends RandomImageLayer {
  /**
   * Mixes images and labels alike: `layer.mix({ images, labels }, { training: true })`.
   *
   * In a model, and by `apply`, images alone are mixed, as in Keras.
   *
   * @returns Images float32 and labels float32, of their shapes; the caller disposes them.
   * @throws InvalidArgumentError when `images` are none.
   */
  mix({ images, labels }: LabelledImages, { training = false }: CallArguments = {}) {
    checkImages(images);
    return tf.tidy((): LabelledImages => {
      const pictures = tf.cast(images, "float32");
      // A single image has no other one.
      if (!training || images.rank === 3) return withLabels(pictures, labels);
      const shown = { own: undefined as Mixed | undefined };
      const mixed = asBatch(
        pictures,
        (batch) => {
          shown.own = this.mixBatch(batch);
          return shown.own.images;
        },
        this.dataFormat,
      );
      return withLabels(mixed, labels && mixLabels(tf.cast(labels, "float32"), shown.own!));
    });
  }

  override perturbBatch(images: Tensor4D): Tensor {
    return this.mixBatch(images).images;
  }

  protected abstract mixBatch(images: Tensor4D): Mixed;
}

/**
 * Lays images of a batch over one another while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/mix_up/
 * @see Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018
 */
export class MixUp extends MixingLayer {
  /** Keras' name of the class. */
  static className = "MixUp";
  private readonly alpha: number;

  constructor(options: MixUpOptions = {}) {
    super(options);
    checkNumber("alpha", options.alpha, { above: 0, high: 1 });
    this.alpha = options.alpha ?? 0.2;
  }

  protected override mixBatch(images: Tensor4D): Mixed {
    const [batch] = images.shape;
    const order = randomOrder(batch, this.keys);
    const kept = tf.reshape(randomBeta([batch], tf.scalar(this.alpha), this.keys), [-1, 1, 1, 1]);
    return { images: blend(images, order, kept), order, kept };
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/**
 * Puts a part of another image of the batch into each while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/cut_mix/
 * @see Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers", ICCV 2019
 */
export class CutMix extends MixingLayer {
  /** Keras' name of the class. */
  static className = "CutMix";
  private readonly factor: Range;

  constructor(options: CutMixOptions = {}) {
    super(options);
    this.factor = factorBounds("factor", options.factor ?? 1, { low: 0, high: 1 });
  }

  protected override mixBatch(images: Tensor4D): Mixed {
    const [batch] = images.shape;
    const [lower, upper] = this.factor;
    const draw = tf.reshape(randomUniform([1], this.keys), []);
    const alpha = tf.add(tf.mul(draw, upper - lower), lower + 1e-6);
    const weight = tf.reshape(randomBeta([batch], alpha, this.keys), [-1, 1, 1, 1]);
    const side = tf.sqrt(tf.sub(1, weight));
    const boxes = drawBoxes(images, { height: side, width: side }, this.keys);
    const order = randomOrder(batch, this.keys);
    const others = tf.gather(images, order);
    return {
      images: tf.where(withinBoxes(images, boxes), others, images),
      order,
      kept: tf.sub(1, areas(images, boxes)),
    };
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Each row a share of itself and the rest of another one. */
export function blend(rows: Tensor, order: Tensor, kept: Tensor): Tensor {
  const others = tf.gather(rows, order);
  return tf.add(tf.mul(kept, rows), tf.mul(tf.sub(1, kept), others));
}

function mixLabels(labels: Tensor, { order, kept }: Mixed): Tensor {
  return blend(labels, order, tf.reshape(kept, [-1, 1]));
}

function withLabels(images: Tensor, labels: Tensor | undefined): LabelledImages {
  return labels === undefined ? { images } : { images, labels: tf.cast(labels, "float32") };
}
