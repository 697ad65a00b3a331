/** Layers that cover, bend and mix images, or apply other layers, one function for each. */
import type { Layer } from "../tfjs";
import { imageLayerOptions } from "./imageLayer";
import { make } from "./make";
import { CutMix, type CutMixOptions, MixUp, type MixUpOptions } from "./mixing";
import { Pipeline, type PipelineOptions } from "./pipeline";
import { projectiveOptions } from "./projective";
import { AugMix, type AugMixOptions, RandAugment, type RandAugmentOptions } from "./randAugment";
import {
  RandomElasticTransform,
  type RandomElasticTransformOptions,
} from "./randomElasticTransform";
import { RandomErasing, type RandomErasingOptions } from "./randomErasing";
import { RandomPerspective, type RandomPerspectiveOptions } from "./randomPerspective";
import { RandomShear, type RandomShearOptions } from "./randomShear";

const colour = { valueRange: true, ...imageLayerOptions } as const;

/**
 * Covers a rectangle of some images while training, as `keras.layers.RandomErasing`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomErasing({ factor: 0.5, fillValue: 0 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_erasing/
 */
export function randomErasing(options: RandomErasingOptions = {}): RandomErasing {
  return make(RandomErasing, options, { factor: true, scale: true, fillValue: true, ...colour });
}

/**
 * Slants each image while training, as `keras.layers.RandomShear`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomShear({ xFactor: 0.2 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_shear/
 */
export function randomShear(options: RandomShearOptions = {}): RandomShear {
  return make(RandomShear, options, { xFactor: true, yFactor: true, ...projectiveOptions });
}

/**
 * Moves the corners of some images while training, as `keras.layers.RandomPerspective`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomPerspective({ factor: 0.5, scale: 0.3 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_perspective/
 */
export function randomPerspective(options: RandomPerspectiveOptions = {}): RandomPerspective {
  return make(RandomPerspective, options, {
    ...{ factor: true, scale: true, interpolation: true, fillValue: true },
    ...imageLayerOptions,
  });
}

/**
 * Bends some images while training, as `keras.layers.RandomElasticTransform`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomElasticTransform({ factor: 0.5 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_elastic_transform/
 */
export function randomElasticTransform(
  options: RandomElasticTransformOptions = {},
): RandomElasticTransform {
  return make(RandomElasticTransform, options, {
    ...{ factor: true, scale: true, interpolation: true, fillMode: true, fillValue: true },
    ...colour,
  });
}

/**
 * Lays images of a batch over one another while training, as `keras.layers.MixUp`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const mixUp = layers.mixUp({ alpha: 0.4 });
 * const batch = { images: tf.ones([4, 32, 32, 3]), labels: tf.oneHot([0, 1, 1, 0], 2) };
 * const { images, labels } = mixUp.mix(batch, { training: true });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/mix_up/
 */
export function mixUp(options: MixUpOptions = {}): MixUp {
  return make(MixUp, options, { alpha: true, ...imageLayerOptions });
}

/**
 * Puts a part of another image of the batch into each while training, as `keras.layers.CutMix`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const cutMix = layers.cutMix();
 * const batch = { images: tf.ones([4, 32, 32, 3]), labels: tf.oneHot([0, 1, 1, 0], 2) };
 * const { images, labels } = cutMix.mix(batch, { training: true });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/cut_mix/
 */
export function cutMix(options: CutMixOptions = {}): CutMix {
  return make(CutMix, options, { factor: true, ...imageLayerOptions });
}

/**
 * Changes each batch in a few ways, chosen at random, while training, as `keras.layers.RandAugment`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randAugment({ numOps: 2, factor: 0.3 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/rand_augment/
 */
export function randAugment(options: RandAugmentOptions = {}): RandAugment {
  return make(RandAugment, options, {
    ...{ numOps: true, factor: true, interpolation: true },
    ...colour,
  });
}

/**
 * Mixes each image with several changed ones while training, as `keras.layers.AugMix`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.augMix({ numChains: 2 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/aug_mix/
 */
export function augMix(options: AugMixOptions = {}): AugMix {
  return make(AugMix, options, {
    ...{ numChains: true, chainDepth: true, factor: true, alpha: true, allOps: true },
    ...{ interpolation: true, ...colour },
  });
}

/**
 * Applies layers without weights one after another, as `keras.layers.Pipeline`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.pipeline({
 *   layers: [layers.randomFlip({ mode: "horizontal" }), layers.randomHue({ factor: 0.1 })],
 * });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/pipeline/
 */
export function pipeline(options: PipelineOptions): Layer {
  return make(Pipeline, options, { layers: true });
}
