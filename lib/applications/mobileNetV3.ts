/** MobileNetV3, small and large. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, isWithin } from "../checks";
import { invalidArgument } from "../errors";
import { dropout, globalAveragePooling2d, rescaling } from "../layers";
import { readActivation } from "../saving";
import { tf } from "../tfjs";
import type { Application } from "./application";
import type { Architecture } from "./architecture";
import { decodePredictions } from "./decodePredictions";
import { pooledByName } from "./endings";
import {
  type Block,
  invertedResidual,
  large,
  pointwise,
  rectifier,
  small,
} from "./mobileNetV3Blocks";
import { divisible, normalization, pythonFloat, unbiased } from "./mobileParts";
import { buildNetwork } from "./network";
import {
  type ApplicationOptions,
  type ApplicationSettings,
  applicationOptions,
  checkApplicationOptions,
} from "./options";
import { plainInput } from "./preprocessing";
import { chooseWeights } from "./weights";

/** Options of `applications.mobileNetV3Small` and `mobileNetV3Large`; the top takes images of any size. */
export interface MobileNetV3Options extends ApplicationOptions {
  /**
   * Width of the network: all numbers of filters are multiplied by it. ImageNet's weights exist for 0.75 and 1, for 1
   * only with `minimalistic`.
   *
   * @default 1
   */
  alpha?: number;
  /** Whether it does with 3×3 windows and ReLU, and weighs no channels: for slow processors. @default false */
  minimalistic?: boolean;
  /** Share of the top's features that is dropped in training. @default 0.2 */
  dropoutRate?: number;
  /** Whether pixels in [0, 255] are brought to [-1, 1] by its first layer. @default true */
  includePreprocessing?: boolean;
}

/** One of the two. */
interface Plan {
  variant: "Small" | "Large";
  blocks: Block[];
  /** Filters before the classifier. */
  last: number;
  /** MD5 of ImageNet's weights with the top and without, as in Keras' source. */
  hashes: Record<string, [withTop: string, withoutTop: string]>;
}

type Settings = ApplicationSettings &
  Required<
    Pick<MobileNetV3Options, "alpha" | "minimalistic" | "dropoutRate" | "includePreprocessing">
  >;

function mobileNetV3(plan: Plan): Application<MobileNetV3Options> {
  const { variant, hashes } = plan;
  async function build(options: MobileNetV3Options = {}): Promise<LayersModel> {
    const settings = checkOptions(options, variant);
    const { alpha, minimalistic, includeTop, inputShape } = settings;
    const kind = `${minimalistic ? "minimalistic_" : ""}224_${pythonFloat(alpha)}_float`;
    const known = hashes[kind];
    const isImageNet = settings.weights === "imagenet";
    if (!isWithin(alpha, { above: 0 }) || (isImageNet && known === undefined)) {
      const list = minimalistic ? "1 with a minimalistic network's" : "0.75 or 1 with ImageNet's";
      throw invalidArgument("alpha", {
        expected: isImageNet ? `${list} weights` : "a positive number",
        received: alpha,
      });
    }
    const isTrainedSize = inputShape[0] === 224 && inputShape[1] === 224;
    const weights = await chooseWeights(settings, {
      imagenet: {
        folder: "mobilenet_v3",
        name: `weights_mobilenet_v3_${variant.toLowerCase()}_${kind}${includeTop ? "" : "_no_top_v2"}.h5`,
        hash: known?.[includeTop ? 0 : 1],
      },
      imagenetNote: isTrainedSize
        ? ""
        : `These weights are for images of 224 × 224: there are none for [${inputShape}].`,
    });
    return buildNetwork(architecture(plan, settings), settings, weights);
  }
  return Object.assign(build, { preprocessInput: plainInput, decodePredictions });
}

function checkOptions(options: MobileNetV3Options, variant: string): Settings {
  const settings = checkApplicationOptions(options, {
    where: `applications.mobileNetV3${variant}`,
    defaultSize: null,
    leastSize: 32,
    known: {
      ...applicationOptions,
      ...{ alpha: true, minimalistic: true, dropoutRate: true, includePreprocessing: true },
    },
  });
  const { alpha = 1, minimalistic = false, dropoutRate = 0.2 } = options;
  const { includePreprocessing = true } = options;
  checkBoolean("minimalistic", minimalistic);
  checkBoolean("includePreprocessing", includePreprocessing);
  checkNumber("dropoutRate", dropoutRate, { low: 0, high: 1 });
  return { ...settings, alpha, minimalistic, dropoutRate, includePreprocessing };
}

function architecture({ variant, blocks, last }: Plan, settings: Settings): Architecture {
  const { alpha, minimalistic, dropoutRate, includePreprocessing } = settings;
  const hardSwish = () =>
    tf.layers.activation({ activation: readActivation("hard_silu", variant) as "relu" });
  const activation = minimalistic ? rectifier : hardSwish;
  return {
    name: settings.name ?? `MobileNetV3${variant}`,
    features(input, apply) {
      let x = input;
      if (includePreprocessing) x = apply(rescaling({ scale: 1 / 127.5, offset: -1 }), x);
      x = apply(unbiased({ filters: 16, size: 3, strides: 2, name: "conv" }), x);
      x = apply(activation(), apply(normalization("conv_bn"), x));
      for (const [id, block] of blocks.entries()) {
        x = invertedResidual(x, apply, {
          ...block,
          id,
          filters: divisible(block.filters * alpha),
          size: minimalistic ? 3 : block.size,
          excites: block.excites && !minimalistic,
          activation: block.swishes ? activation : rectifier,
        });
      }
      const filters = divisible(x.shape.at(-1)! * 6);
      x = apply(unbiased({ filters, name: "conv_1" }), x);
      return apply(activation(), apply(normalization("conv_1_bn"), x));
    },
    top(features, apply, { classes, classifierActivation }) {
      let x = apply(globalAveragePooling2d({ keepdims: true }), features);
      // The paper keeps the last convolution's width in narrow networks.
      const filters = alpha > 1 ? divisible(last * alpha) : last;
      x = apply(pointwise({ filters, name: "conv_2" }), x);
      x = apply(activation(), x);
      if (dropoutRate > 0) x = apply(dropout({ rate: dropoutRate }), x);
      x = apply(pointwise({ filters: classes, name: "logits" }), x);
      x = apply(tf.layers.flatten(), x);
      const settings = { activation: classifierActivation as "softmax", name: "predictions" };
      return apply(tf.layers.activation(settings), x);
    },
    end: pooledByName,
  };
}

/**
 * Makes the small MobileNetV3, with Keras' names of layers: with `alpha` 1 2,554,968 parameters, 939,120 without the top.
 *
 * It takes RGB pixels in [0, 255], `[batch, height, width, 3]` float32, and with `includePreprocessing: false` what
 * `mobileNetV2.preprocessInput` gives; its own `preprocessInput` leaves pixels as they are. Its output is
 * `[batch, classes]` for images of any size, or without the top `[batch, height / 32, width / 32, 576]`, or
 * `[batch, 576]` with `pooling`. `decodePredictions` names classes.
 *
 * @returns A `tf.LayersModel`; the caller disposes it. `applications.weightsOf(model)` says what it was trained on.
 * @throws InvalidArgumentError for options that make no sense together.
 * @throws ConvnetsError when the weights can't be had, ModelFileError when they don't fit.
 * @example
 * import { applications, summary } from "convnets";
 * const base = await applications.mobileNetV3Small({ weights: null, includeTop: false });
 * summary(base);
 * @see Howard et al., "Searching for MobileNetV3", 2019
 * @see https://keras.io/api/applications/mobilenet/
 */
export const mobileNetV3Small = mobileNetV3({
  ...{ variant: "Small", blocks: small, last: 1024 },
  hashes: {
    "224_0.75_float": ["cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"],
    "224_1.0_float": ["8768d4c2e7dee89b9d02b2d03d65d862", "d3e8ec802a04aa4fc771ee12a9a9b836"],
    "minimalistic_224_1.0_float": [
      "99cd97fb2fcdad2bf028eb838de69e37",
      "cde8136e733e811080d9fcd8a252f7e4",
    ],
  },
});

/**
 * Makes the large MobileNetV3: with `alpha` 1 5,507,432 parameters, 2,996,352 without the top; as `mobileNetV3Small` in
 * all else, with 960 feature maps.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.mobileNetV3Large({ weights: null, includeTop: false, pooling: "avg" });
 * @see https://keras.io/api/applications/mobilenet/
 */
export const mobileNetV3Large = mobileNetV3({
  ...{ variant: "Large", blocks: large, last: 1280 },
  hashes: {
    "224_0.75_float": ["765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"],
    "224_1.0_float": ["59e551e166be033d707958cf9e29a6a7", "07fb09a5933dd0c8eaafa16978110389"],
    "minimalistic_224_1.0_float": [
      "675e7b876c45c57e9e63e6d90a36599c",
      "ec5221f64a2f6d1ef965a614bdae7973",
    ],
  },
});
