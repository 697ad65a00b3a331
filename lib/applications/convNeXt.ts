/** ConvNeXt: tiny, small, base, large and extra large. */
import type { LayersModel, layers, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { conv2d, layerNormalization, normalization } from "../layers";
import { applyOperation, LayerScale } from "../saving";
import { tf } from "../tfjs";
import type { Application } from "./application";
import type { Apply, Architecture } from "./architecture";
import { decodePredictions } from "./decodePredictions";
import { pooled } from "./endings";
import { buildNetwork } from "./network";
import { type ApplicationOptions, applicationOptions, checkApplicationOptions } from "./options";
import { convolution, dense, globalAverage } from "./parts";
import { plainInput } from "./preprocessing";
import { chooseWeights } from "./weights";

/** Options of `applications.convNeXtTiny` and its larger kin; `name` begins the names of all layers, as in Keras. */
export interface ConvNeXtOptions extends ApplicationOptions {
  /**
   * Whether pixels in [0, 255] are standardized by the first layer, where they have three channels; without it the
   * network takes what that gives.
   *
   * @default true
   */
  includePreprocessing?: boolean;
}

/** One of the five. */
interface Size {
  variant: "Tiny" | "Small" | "Base" | "Large" | "XLarge";
  /** How many blocks there are at each of the four scales. */
  depths: number[];
  /** Feature maps at each scale. */
  widths: number[];
  /** SHA-256 of ImageNet's weights with the top and without, as in Keras' source. */
  hashes: [withTop: string, withoutTop: string];
}

function convNeXt(size: Size): Application<ConvNeXtOptions> {
  async function build(options: ConvNeXtOptions = {}): Promise<LayersModel> {
    const { variant, hashes } = size;
    const settings = checkApplicationOptions(options, {
      where: `applications.convNeXt${variant}`,
      defaultSize: 224,
      leastSize: 32,
      known: { ...applicationOptions, includePreprocessing: true },
    });
    const { includePreprocessing = true } = options;
    checkBoolean("includePreprocessing", includePreprocessing);
    const modelName = `convnext_${variant.toLowerCase()}`;
    const [end, hash] = settings.includeTop ? ["", hashes[0]] : ["_notop", hashes[1]];
    const imagenet = { folder: "convnext", name: `${modelName}${end}.h5`, hash };
    const weights = await chooseWeights(settings, { imagenet });
    const name = settings.name ?? modelName;
    const isFilled = weights.source !== undefined;
    const plan = { ...size, name, includePreprocessing, isFilled };
    return buildNetwork(architecture(plan), settings, weights);
  }
  return Object.assign(build, { preprocessInput: plainInput, decodePredictions });
}

const normalized = (name?: string): layers.Layer => layerNormalization({ epsilon: 1e-6, name });

function architecture(
  plan: Size & { name: string; includePreprocessing: boolean; isFilled: boolean },
): Architecture {
  const { name, depths, widths, includePreprocessing, isFilled } = plan;
  return {
    name,
    features(input, apply) {
      let x = input;
      if (includePreprocessing && input.shape.at(-1) === 3) x = apply(standardizing(name), x);
      for (const [stage, width] of widths.entries()) {
        const end = stage === 0 ? "stem" : `downsampling_block_${stage - 1}`;
        const parts = stage === 0 ? stem(name, width) : downsampling(name, { stage, width });
        x = apply(sequence(`${name}_${end}`, parts, { input: x, isFilled }), x);
        for (let block = 0; block < depths[stage]!; block++) {
          x = residual(x, apply, `${name}_stage_${stage}_block_${block}_`);
        }
      }
      return x;
    },
    top(features, apply, { classes, classifierActivation }) {
      const x = apply(globalAverage(`${name}_head_gap`), features);
      const activation = classifierActivation as "softmax";
      const last = dense({ units: classes, activation, name: `${name}_head_dense` });
      return apply(last, apply(normalized(`${name}_head_layernorm`), x));
    },
    end: (features, apply, settings) => apply(normalized(), pooled(features, apply, settings)),
  };
}

/** Takes pixels in [0, 255] to ImageNet's mean 0 and deviation 1. */
function standardizing(name: string): layers.Layer {
  return normalization({
    mean: [0.485, 0.456, 0.406].map((mean) => mean * 255),
    variance: [0.229, 0.224, 0.225].map((deviation) => (deviation * 255) ** 2),
    name: `${name}_prestem_normalization`,
  });
}

/** Layers in the order in which they are called. */
type Parts = layers.Layer[];

const stem = (name: string, width: number): Parts => [
  convolution({ filters: width, kernelSize: 4, strides: 4, name: `${name}_stem_conv` }),
  normalized(`${name}_stem_layernorm`),
];

const downsampling = (name: string, options: { stage: number; width: number }): Parts => {
  const { stage, width } = options;
  const conv = `${name}_downsampling_conv_${stage - 1}`;
  return [
    normalized(`${name}_downsampling_layernorm_${stage - 1}`),
    convolution({ filters: width, kernelSize: 2, strides: 2, name: conv }),
  ];
};

/** A Sequential, as Keras has it in the network. */
function sequence(
  name: string,
  parts: Parts,
  { input, isFilled }: { input: SymbolicTensor; isFilled: boolean },
): layers.Layer {
  for (const part of parts) part.setFastWeightInitDuringBuild(isFilled);
  const first = tf.layers.inputLayer({ inputShape: input.shape.slice(1) });
  return tf.sequential({ name, layers: [first, ...parts] });
}

/** A large window over each channel, then two dense layers over each pixel; added to what the block was given. */
function residual(input: SymbolicTensor, apply: Apply, prefix: string): SymbolicTensor {
  const width = input.shape.at(-1)!;
  const eachChannel = { filters: width, groups: width, kernelSize: 7, padding: "same" } as const;
  let x = apply(conv2d({ ...eachChannel, name: `${prefix}depthwise_conv` }), input);
  x = apply(normalized(`${prefix}layernorm`), x);
  x = apply(dense({ units: 4 * width, name: `${prefix}pointwise_conv_1` }), x);
  x = apply(tf.layers.activation({ activation: "gelu", name: `${prefix}gelu` }), x);
  x = apply(dense({ units: width, name: `${prefix}pointwise_conv_2` }), x);
  const scale = { initValues: 1e-6, projectionDim: width, name: `${prefix}layer_scale` };
  x = apply(new LayerScale(scale), x);
  x = apply(tf.layers.activation({ activation: "linear", name: `${prefix}identity` }), x);
  return applyOperation("Add", [input, x]);
}

/**
 * Makes ConvNeXt's smallest network, with Keras' names of layers: 28,589,128 parameters, 27,820,128 without the top.
 *
 * It takes RGB pixels in [0, 255], `[batch, height, width, 3]` float32: what is done to them first is part of it, and
 * `preprocessInput` leaves them as they are. Its output is `[batch, classes]`, or without the top
 * `[batch, height / 32, width / 32, 768]`, or `[batch, 768]` with `pooling`. `decodePredictions` names classes. Its kin
 * are deeper and wider.
 *
 * @returns A `tf.LayersModel`; the caller disposes it. `applications.weightsOf(model)` says what it was trained on.
 * @throws InvalidArgumentError for options that make no sense together.
 * @throws ConvnetsError when the weights can't be had, ModelFileError when they don't fit.
 * @example
 * import { applications } from "convnets";
 * const base = await applications.convNeXtTiny({ weights: null, includeTop: false, pooling: "avg" });
 * @see Liu et al., "A ConvNet for the 2020s", 2022
 * @see https://keras.io/api/applications/convnext/
 */
export const convNeXtTiny = convNeXt({
  ...{ variant: "Tiny", depths: [3, 3, 9, 3], widths: [96, 192, 384, 768] },
  hashes: [
    "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff",
    "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
  ],
});

/**
 * Makes ConvNeXt-Small, with 96 to 768 feature maps and 36 blocks; as `convNeXtTiny` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.convNeXtSmall({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/convnext/
 */
export const convNeXtSmall = convNeXt({
  ...{ variant: "Small", depths: [3, 3, 27, 3], widths: [96, 192, 384, 768] },
  hashes: [
    "ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c",
    "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
  ],
});

/**
 * Makes ConvNeXt-Base, with 128 to 1024 feature maps and 36 blocks; as `convNeXtTiny` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.convNeXtBase({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/convnext/
 */
export const convNeXtBase = convNeXt({
  ...{ variant: "Base", depths: [3, 3, 27, 3], widths: [128, 256, 512, 1024] },
  hashes: [
    "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6",
    "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
  ],
});

/**
 * Makes ConvNeXt-Large, with 192 to 1536 feature maps and 36 blocks; as `convNeXtTiny` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.convNeXtLarge({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/convnext/
 */
export const convNeXtLarge = convNeXt({
  ...{ variant: "Large", depths: [3, 3, 27, 3], widths: [192, 384, 768, 1536] },
  hashes: [
    "070c5ed9ed289581e477741d3b34beffa920db8cf590899d6d2c67fba2a198a6",
    "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd",
  ],
});

/**
 * Makes ConvNeXt-XLarge, with 256 to 2048 feature maps and 36 blocks; as `convNeXtTiny` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.convNeXtXLarge({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/convnext/
 */
export const convNeXtXLarge = convNeXt({
  ...{ variant: "XLarge", depths: [3, 3, 27, 3], widths: [256, 512, 1024, 2048] },
  hashes: [
    "c1f5ccab661354fc3a79a10fa99af82f0fbf10ec65cb894a3ae0815f17a889ee",
    "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05",
  ],
});
