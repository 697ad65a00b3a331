/** Layers of categories, of sounds, and one that adds to the loss, one function for each. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Layer } from "../tfjs";
import {
  ActivityRegularization,
  type ActivityRegularizationOptions,
} from "./activityRegularization";
import {
  CategoryEncoding,
  type CategoryEncodingOptions,
  Discretization,
  type DiscretizationOptions,
} from "./categories";
import {
  HashedCrossing,
  type HashedCrossingOptions,
  Hashing,
  type HashingOptions,
} from "./hashing";
import { IntegerLookup, type IntegerLookupOptions } from "./integerLookup";
import { make } from "./make";
import { MelSpectrogram, type MelSpectrogramOptions } from "./melSpectrogram";

/**
 * Makes vectors of whole numbers, as `keras.layers.CategoryEncoding`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.categoryEncoding({ numTokens: 4 });
 * const output = layer.apply(tf.tensor2d([[0, 2, 2]], [1, 3], "int32")); // [[1, 0, 1, 0]]
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/category_encoding/
 */
export function categoryEncoding(options: CategoryEncodingOptions): Layer {
  return make(CategoryEncoding, options, { numTokens: true, outputMode: true });
}

/**
 * Makes categories of numbers by where they lie, as `keras.layers.Discretization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.discretization({ binBoundaries: [0, 1] });
 * const output = layer.apply(tf.tensor2d([[-3, 0.5, 1]])); // [[0, 1, 2]]
 * @see https://keras.io/api/layers/preprocessing_layers/numerical/discretization/
 */
export function discretization(
  options: DiscretizationOptions,
): Layer & { adapt(data: Tensor): void } {
  return make(Discretization, options, {
    ...{ binBoundaries: true, numBins: true, epsilon: true, outputMode: true },
  });
}

/**
 * Makes categories of whole numbers by a hash, as `keras.layers.Hashing`: where nobody has a list of them.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.hashing({ numBins: 4 });
 * const output = layer.apply(tf.tensor2d([[0, 1, 2]], [1, 3], "int32")); // [[3, 1, 3]]
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/hashing/
 */
export function hashing(options: HashingOptions): Layer {
  return make(Hashing, options, {
    ...{ numBins: true, maskValue: true, salt: true, outputMode: true },
  });
}

/**
 * Makes categories of combinations of whole numbers by a hash, as `keras.layers.HashedCrossing`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const [hours, days] = [tf.tensor1d([8, 17], "int32"), tf.tensor1d([1, 6], "int32")];
 * const output = layers.hashedCrossing({ numBins: 5 }).apply([hours, days]); // [2]
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/hashed_crossing/
 */
export function hashedCrossing(options: HashedCrossingOptions): Layer {
  return make(HashedCrossing, options, { numBins: true, outputMode: true });
}

/**
 * Makes places in a list of whole numbers, as `keras.layers.IntegerLookup`; what isn't in the list has a place of its
 * own.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.integerLookup({ vocabulary: [10, 20, 30] });
 * const output = layer.apply(tf.tensor2d([[10, 30, 7]], [1, 3], "int32")); // [[1, 3, 0]]
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/integer_lookup/
 */
export function integerLookup(options: IntegerLookupOptions = {}): IntegerLookup {
  return make(IntegerLookup, options, {
    ...{ maxTokens: true, numOovIndices: true, maskToken: true, oovToken: true },
    ...{ vocabulary: true, idfWeights: true, invert: true, outputMode: true },
    ...{ padToMaxTokens: true, oovMethod: true, salt: true },
  });
}

/**
 * Gives what it gets, and adds to the loss how large that is, as `keras.layers.ActivityRegularization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const output = layers.activityRegularization({ l2: 0.01 }).apply(tf.ones([2, 3]));
 * @see https://keras.io/api/layers/regularization_layers/activity_regularization/
 */
export function activityRegularization(options: ActivityRegularizationOptions = {}): Layer {
  return make(ActivityRegularization, options, { l1: true, l2: true });
}

/**
 * Makes pictures of sounds, as `keras.layers.MelSpectrogram`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.melSpectrogram({ fftLength: 256, sequenceStride: 64, numMelBins: 20 });
 * const output = layer.apply(tf.randomNormal([2, 1024])); // [2, 20, 17]
 * @see https://keras.io/api/layers/preprocessing_layers/audio_preprocessing/mel_spectrogram/
 */
export function melSpectrogram(options: MelSpectrogramOptions = {}): Layer {
  return make(MelSpectrogram, options, {
    ...{ fftLength: true, sequenceStride: true, sequenceLength: true, window: true },
    ...{ samplingRate: true, numMelBins: true, minFreq: true, maxFreq: true },
    ...{ powerToDb: true, topDb: true, magExp: true, minPower: true, refPower: true },
  });
}
