/** MobileNet, the first version. */
import type { LayersModel, layers } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, checkWhole, isWithin } from "../checks";
import { invalidArgument } from "../errors";
import { dropout, globalAveragePooling2d } from "../layers";
import { tf } from "../tfjs";
import type { Application } from "./application";
import type { Architecture } from "./architecture";
import { decodePredictions } from "./decodePredictions";
import { unbiased } from "./mobileParts";
import { buildNetwork } from "./network";
import {
  type ApplicationOptions,
  type ApplicationSettings,
  applicationOptions,
  checkApplicationOptions,
} from "./options";
import { convolution, depthwise } from "./parts";
import { centredInput } from "./preprocessing";
import { chooseWeights } from "./weights";

/** Options of `applications.mobileNet`. */
export interface MobileNetOptions extends ApplicationOptions {
  /**
   * Width of the network: all numbers of filters are multiplied by it. ImageNet's weights exist for 0.25, 0.5, 0.75
   * and 1.
   *
   * @default 1
   */
  alpha?: number;
  /** How many filters each channel has; 1 with ImageNet's weights. @default 1 */
  depthMultiplier?: number;
  /** Share of the top's features that is dropped in training. @default 0.001 */
  dropout?: number;
}

/** What ImageNet's weights exist for, and how their files spell it. */
const trained = {
  alphas: new Map([
    [0.25, "2_5"],
    [0.5, "5_0"],
    [0.75, "7_5"],
    [1, "1_0"],
  ]),
  sizes: [128, 160, 192, 224],
};

/** Filters of the first convolution, which has the fewest. */
const narrowest = 32;

/** Filters and strides of the blocks. */
const blocks: [filters: number, strides: 1 | 2][] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

type Settings = ApplicationSettings &
  Required<Pick<MobileNetOptions, "alpha" | "depthMultiplier" | "dropout">>;

async function build(options: MobileNetOptions = {}): Promise<LayersModel> {
  const settings = checkOptions(options);
  const size = trainedSize(settings.inputShape);
  const { alpha, includeTop, inputShape } = settings;
  const spelling = trained.alphas.get(alpha);
  const weights = await chooseWeights(settings, {
    imagenet: {
      folder: "mobilenet",
      name: `mobilenet_${spelling}_${size ?? 224}_tf${includeTop ? "" : "_no_top"}.h5`,
      hash: undefined, // Keras has none either
    },
    imagenetNote:
      size === undefined
        ? `These weights are for images of 224 × 224: there are none for [${inputShape}].`
        : "",
  });
  const rows = weights.name === "imagenet" ? (size ?? 224) : (inputShape[0] ?? "None");
  const name = settings.name ?? `mobilenet_${alpha.toFixed(2)}_${rows}`;
  return buildNetwork(architecture(name, settings), settings, weights);
}

function checkOptions(options: MobileNetOptions): Settings {
  const settings = checkApplicationOptions(options, {
    where: "applications.mobileNet",
    defaultSize: trainedSize(options?.inputShape) ?? 224,
    leastSize: 32,
    known: { ...applicationOptions, alpha: true, depthMultiplier: true, dropout: true },
  });
  const { alpha = 1, depthMultiplier = 1, dropout = 1e-3 } = options;
  const isImageNet = settings.weights === "imagenet";
  if (!isWithin(alpha, { above: 0 }) || (isImageNet && !trained.alphas.has(alpha))) {
    const list = [...trained.alphas.keys()].join(", ");
    throw invalidArgument("alpha", {
      expected: isImageNet ? `one of ${list} with ImageNet's weights` : "a positive number",
      received: alpha,
    });
  }
  if (Math.trunc(narrowest * alpha) < 1) {
    throw invalidArgument("alpha", {
      expected: `at least 1/${narrowest}, which leaves each layer a filter`,
      received: alpha,
    });
  }
  checkWhole("depthMultiplier", depthMultiplier, { low: 1 });
  if (isImageNet && depthMultiplier !== 1) {
    throw invalidArgument("depthMultiplier", {
      expected: "1 with ImageNet's weights",
      received: depthMultiplier,
    });
  }
  checkNumber("dropout", dropout, { low: 0, high: 1 });
  return { ...settings, alpha, depthMultiplier, dropout };
}

/** The side of square images of a size that ImageNet's weights exist for. */
function trainedSize(shape: MobileNetOptions["inputShape"]): number | undefined {
  const [height, width] = Array.isArray(shape) ? shape : [];
  return trained.sizes.find((size) => size === height && size === width);
}

function architecture(name: string, settings: Settings): Architecture {
  const { alpha, depthMultiplier } = settings;
  const wide = (filters: number) => Math.trunc(filters * alpha);
  return {
    name,
    features(input, apply) {
      let x = apply(
        unbiased({ filters: wide(narrowest), size: 3, strides: 2, name: "conv1" }),
        input,
      );
      x = apply(relu6("conv1_relu"), apply(normalization("conv1_bn"), x));
      for (const [index, [filters, strides]] of blocks.entries()) {
        const id = index + 1;
        const padding = strides === 1 ? "same" : "valid";
        if (strides === 2) x = apply(paddingAfter(`conv_pad_${id}`), x);
        const eachChannel = { kernelSize: 3, strides, padding, depthMultiplier } as const;
        x = apply(depthwise({ ...eachChannel, useBias: false, name: `conv_dw_${id}` }), x);
        x = apply(relu6(`conv_dw_${id}_relu`), apply(normalization(`conv_dw_${id}_bn`), x));
        x = apply(unbiased({ filters: wide(filters), name: `conv_pw_${id}` }), x);
        x = apply(relu6(`conv_pw_${id}_relu`), apply(normalization(`conv_pw_${id}_bn`), x));
      }
      return x;
    },
    top(features, apply, { classes, classifierActivation }) {
      let x = apply(globalAveragePooling2d({ keepdims: true }), features);
      x = apply(dropout({ rate: settings.dropout, name: "dropout" }), x);
      x = apply(
        convolution({
          ...{ filters: classes, kernelSize: 1, padding: "same" },
          name: "conv_preds",
        }),
        x,
      );
      x = apply(tf.layers.reshape({ targetShape: [classes], name: "reshape_2" }), x);
      const activation = classifierActivation as "softmax";
      return apply(tf.layers.activation({ activation, name: "predictions" }), x);
    },
  };
}

const normalization = (name: string): layers.Layer => tf.layers.batchNormalization({ name });

const relu6 = (name: string): layers.Layer => tf.layers.reLU({ maxValue: 6, name });

/** A row of zeros below and one at the right. */
function paddingAfter(name: string): layers.Layer {
  const end: [number, number] = [0, 1];
  return tf.layers.zeroPadding2d({ padding: [end, end], name });
}

/**
 * Makes MobileNet, the first version, with Keras' names of layers: with `alpha` 1 4,253,864 parameters, 3,228,864 without
 * the top.
 *
 * Its input is what `mobileNet.preprocessInput` gives, `[batch, height, width, 3]` float32 in [-1, 1]. Its output is
 * `[batch, classes]`, or without the top `[batch, height / 32, width / 32, 1024]`, or `[batch, 1024]` with `pooling`.
 * `decodePredictions` names classes.
 *
 * @returns A `tf.LayersModel`; the caller disposes it. `applications.weightsOf(model)` says what it was trained on.
 * @throws InvalidArgumentError for options that make no sense together.
 * @throws ConvnetsError when the weights can't be had, ModelFileError when they don't fit.
 * @example
 * import { applications, tf } from "convnets";
 * const model = await applications.mobileNet({ weights: null });
 * const x = applications.mobileNet.preprocessInput(tf.zeros([1, 224, 224, 3]));
 * const predictions = model.predict(x); // [1, 1000]
 * @see Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications", 2017
 * @see https://keras.io/api/applications/mobilenet/
 */
export const mobileNet: Application<MobileNetOptions> = Object.assign(build, {
  preprocessInput: centredInput,
  decodePredictions,
});
