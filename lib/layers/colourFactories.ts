/** Layers that change the colours and tones of images, one function for each. */
import type { Layer } from "../tfjs";
import {
  ContrastLimitedAdaptiveHistogramEqualization,
  type ContrastLimitedAdaptiveHistogramEqualizationOptions,
} from "./clahe";
import { imageLayerOptions } from "./imageLayer";
import { make } from "./make";
import { RandomColorJitter, type RandomColorJitterOptions } from "./randomColorJitter";
import {
  RandomGaussianBlur,
  type RandomGaussianBlurOptions,
  RandomSharpness,
  type RandomSharpnessOptions,
} from "./randomFilters";
import {
  RandomHue,
  type RandomHueOptions,
  RandomSaturation,
  type RandomSaturationOptions,
} from "./randomHue";
import {
  RandomColorDegeneration,
  type RandomColorDegenerationOptions,
  RandomGrayscale,
  type RandomGrayscaleOptions,
  RandomInvert,
  type RandomInvertOptions,
} from "./randomShades";
import {
  RandomPosterization,
  type RandomPosterizationOptions,
  Solarization,
  type SolarizationOptions,
} from "./randomTones";
import { AutoContrast, Equalization, type EqualizationOptions, type ToneOptions } from "./tones";

const colour = { valueRange: true, ...imageLayerOptions } as const;

/**
 * Stretches each channel of each image to the whole range of values, as `keras.layers.AutoContrast`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.autoContrast({ valueRange: [0, 1] });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3])) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/auto_contrast/
 */
export function autoContrast(options: ToneOptions = {}): Layer {
  return make(AutoContrast, options, { valueRange: true, dataFormat: true });
}

/**
 * Makes all tones equally frequent while training, as `keras.layers.Equalization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.equalization();
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/equalization/
 */
export function equalization(options: EqualizationOptions = {}): Layer {
  return make(Equalization, options, { bins: true, valueRange: true, dataFormat: true });
}

/**
 * Makes the tones of each part of each image equally frequent, up to a limit, as `keras.layers.ContrastLimitedAdaptiveHistogramEqualization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.contrastLimitedAdaptiveHistogramEqualization({ clipLimit: 2 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3])) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 */
export function contrastLimitedAdaptiveHistogramEqualization(
  options: ContrastLimitedAdaptiveHistogramEqualizationOptions = {},
): Layer {
  return make(ContrastLimitedAdaptiveHistogramEqualization, options, {
    ...{ clipLimit: true, tileGridSize: true, valueRange: true, dataFormat: true },
  });
}

/**
 * Turns values around that are above a threshold, while training, as `keras.layers.Solarization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.solarization({ thresholdFactor: 0.5 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/solarization/
 */
export function solarization(options: SolarizationOptions = {}): Solarization {
  return make(Solarization, options, { additionFactor: true, thresholdFactor: true, ...colour });
}

/**
 * Leaves each image fewer tones while training, as `keras.layers.RandomPosterization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomPosterization({ factor: [3, 6] });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_posterization/
 */
export function randomPosterization(options: RandomPosterizationOptions): RandomPosterization {
  return make(RandomPosterization, options, { factor: true, ...colour });
}

/**
 * Takes the colour out of some images while training, as `keras.layers.RandomGrayscale`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomGrayscale({ factor: 0.2 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_grayscale/
 */
export function randomGrayscale(options: RandomGrayscaleOptions = {}): RandomGrayscale {
  return make(RandomGrayscale, options, { factor: true, ...imageLayerOptions });
}

/**
 * Turns some images into their negatives while training, as `keras.layers.RandomInvert`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomInvert({ factor: 0.1 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_invert/
 */
export function randomInvert(options: RandomInvertOptions = {}): RandomInvert {
  return make(RandomInvert, options, { factor: true, ...colour });
}

/**
 * Makes the colours of each image paler while training, as `keras.layers.RandomColorDegeneration`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomColorDegeneration({ factor: [0, 0.5] });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_color_degeneration/
 */
export function randomColorDegeneration(
  options: RandomColorDegenerationOptions,
): RandomColorDegeneration {
  return make(RandomColorDegeneration, options, { factor: true, ...colour });
}

/**
 * Turns the hues of each image while training, as `keras.layers.RandomHue`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomHue({ factor: 0.1 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_hue/
 */
export function randomHue(options: RandomHueOptions): RandomHue {
  return make(RandomHue, options, { factor: true, ...colour });
}

/**
 * Makes the colours of each image stronger or weaker while training, as `keras.layers.RandomSaturation`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomSaturation({ factor: [0.3, 0.7] });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_saturation/
 */
export function randomSaturation(options: RandomSaturationOptions): RandomSaturation {
  return make(RandomSaturation, options, { factor: true, ...colour });
}

/**
 * Changes brightness, contrast, saturation and hue of each image while training, as `keras.layers.RandomColorJitter`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomColorJitter({ brightnessFactor: 0.2, hueFactor: 0.1 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_color_jitter/
 */
export function randomColorJitter(options: RandomColorJitterOptions = {}): RandomColorJitter {
  return make(RandomColorJitter, options, {
    ...{ brightnessFactor: true, contrastFactor: true, saturationFactor: true, hueFactor: true },
    ...colour,
  });
}

/**
 * Blurs some images while training, as `keras.layers.RandomGaussianBlur`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomGaussianBlur({ factor: 0.3, kernelSize: 5 });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_gaussian_blur/
 */
export function randomGaussianBlur(options: RandomGaussianBlurOptions = {}): RandomGaussianBlur {
  return make(RandomGaussianBlur, options, {
    factor: true,
    kernelSize: true,
    sigma: true,
    ...colour,
  });
}

/**
 * Smooths or sharpens each image while training, as `keras.layers.RandomSharpness`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.randomSharpness({ factor: [0.3, 0.8] });
 * const changed = layer.apply(tf.ones([4, 32, 32, 3]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_sharpness/
 */
export function randomSharpness(options: RandomSharpnessOptions): RandomSharpness {
  return make(RandomSharpness, options, { factor: true, ...colour });
}
