/** Activations, normalizations and joins, one function for each layer. */
import type { Layer } from "../tfjs";
import { GroupNormalization, type GroupNormalizationOptions } from "./groupNormalization";
import { LayerNormalization, type LayerNormalizationOptions } from "./layerNormalization";
import { make } from "./make";
import type { CommonLayerOptions } from "./options";
import { ELU, type ELUOptions, Identity, ReLU, type ReLUOptions } from "./rectifiers";
import {
  RMSNormalization,
  type RMSNormalizationOptions,
  UnitNormalization,
  type UnitNormalizationOptions,
} from "./rootNormalizers";
import { SpectralNormalization, type SpectralNormalizationOptions } from "./spectralNormalization";
import { Subtract } from "./subtract";

/**
 * Leaves out what is negative, as `keras.layers.ReLU`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.reLU({ maxValue: 6, negativeSlope: 0.1 });
 * const output = layer.apply(tf.tensor([[-1, 3, 9]])); // [[-0.1, 3, 6]]
 * @see https://keras.io/api/layers/activation_layers/relu/
 */
export function reLU(options: ReLUOptions = {}): Layer {
  return make(ReLU, options, { maxValue: true, negativeSlope: true, threshold: true });
}

/**
 * Bends what is negative towards -alpha, as `keras.layers.ELU`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const output = layers.elu({ alpha: 0.5 }).apply(tf.tensor([[-100, 3]])); // [[-0.5, 3]]
 * @see https://keras.io/api/layers/activation_layers/elu/
 */
export function elu(options: ELUOptions = {}): Layer {
  return make(ELU, options, { alpha: true });
}

/**
 * Gives what it gets, as `keras.layers.Identity`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const same = layers.identity().apply(tf.ones([2, 3]));
 * @see https://keras.io/api/layers/core_layers/identity/
 */
export function identity(options: CommonLayerOptions = {}): Layer {
  return make(Identity, options, {});
}

/**
 * Takes the second of two inputs from the first, as `keras.layers.Subtract`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const difference = layers.subtract().apply([tf.ones([2, 3]), tf.zeros([2, 3])]);
 * @see https://keras.io/api/layers/merging_layers/subtract/
 */
export function subtract(options: CommonLayerOptions = {}): Layer {
  return make(Subtract, options, {});
}

/**
 * Brings groups of channels to mean 0 and deviation 1, as `keras.layers.GroupNormalization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const output = layers.groupNormalization({ groups: 4 }).apply(tf.randomNormal([2, 7, 7, 16]));
 * @see https://keras.io/api/layers/normalization_layers/group_normalization/
 */
export function groupNormalization(options: GroupNormalizationOptions = {}): Layer {
  return make(GroupNormalization, options, {
    ...{ groups: true, axis: true, epsilon: true, center: true, scale: true },
    ...{ betaInitializer: true, gammaInitializer: true },
    ...{ betaRegularizer: true, gammaRegularizer: true },
    ...{ betaConstraint: true, gammaConstraint: true },
  });
}

/**
 * Brings values along some axes to mean 0 and deviation 1, as `keras.layers.LayerNormalization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const output = layers.layerNormalization({ axis: [1, 2] }).apply(tf.randomNormal([2, 7, 16]));
 * @see https://keras.io/api/layers/normalization_layers/layer_normalization/
 */
export function layerNormalization(options: LayerNormalizationOptions = {}): Layer {
  return make(LayerNormalization, options, {
    ...{ axis: true, epsilon: true, center: true, scale: true, rmsScaling: true },
    ...{ betaInitializer: true, gammaInitializer: true },
    ...{ betaRegularizer: true, gammaRegularizer: true },
    ...{ betaConstraint: true, gammaConstraint: true },
  });
}

/**
 * Keeps a layer's kernel at a largest singular value of 1, as `keras.layers.SpectralNormalization`.
 *
 * Each step of training divides the kernel itself; at inference it stays as it is.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.spectralNormalization({ layer: tf.layers.dense({ units: 4 }) });
 * const output = layer.apply(tf.ones([2, 3]), { training: true });
 * @see https://keras.io/api/layers/normalization_layers/spectral_normalization/
 */
export function spectralNormalization(options: SpectralNormalizationOptions): Layer {
  return make(SpectralNormalization, options, { layer: true, powerIterations: true });
}

/**
 * Divides by the root of the mean square, as `keras.layers.RMSNormalization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const output = layers.rmsNormalization().apply(tf.randomNormal([2, 16]));
 * @see https://keras.io/api/layers/normalization_layers/rms_normalization/
 */
export function rmsNormalization(options: RMSNormalizationOptions = {}): Layer {
  return make(RMSNormalization, options, { axis: true, epsilon: true });
}

/**
 * Brings vectors to length 1, as `keras.layers.UnitNormalization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const output = layers.unitNormalization().apply(tf.tensor([[3, 4]])); // [[0.6, 0.8]]
 * @see https://keras.io/api/layers/normalization_layers/unit_normalization/
 */
export function unitNormalization(options: UnitNormalizationOptions = {}): Layer {
  return make(UnitNormalization, options, { axis: true });
}
