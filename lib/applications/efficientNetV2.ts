/** EfficientNetV2, B0 to B3. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { normalization, rescaling } from "../layers";
import { tf } from "../tfjs";
import type { Application } from "./application";
import type { Apply, Architecture } from "./architecture";
import { decodePredictions } from "./decodePredictions";
import { classifier, type Steps, stepsOf } from "./efficientNetParts";
import { pooledByName } from "./endings";
import { nearestMultiple } from "./mobileParts";
import { buildNetwork } from "./network";
import { type ApplicationOptions, applicationOptions, checkApplicationOptions } from "./options";
import { plainInput } from "./preprocessing";
import { chooseWeights } from "./weights";

/** Options of `applications.efficientNetV2B0` to `efficientNetV2B3`. */
export interface EfficientNetV2Options extends ApplicationOptions {
  /**
   * Whether pixels in [0, 255] are standardized by the first layers; without them the network takes what those give.
   *
   * @default true
   */
  includePreprocessing?: boolean;
}

/** One of the four: how much wider and deeper than the first it is. */
interface Scale {
  variant: string;
  /** The side of images that it is made for, in pixels. */
  size: number;
  width: number;
  depth: number;
  /** MD5 of ImageNet's weights with the top and without, as in Keras' source. */
  hashes: [withTop: string, withoutTop: string];
}

/** Blocks that are repeated; fused ones widen and filter in one convolution, and weigh no channels. */
interface Stage {
  isFused: boolean;
  repeats: number;
  filters: number;
  expansion: number;
  strides: 1 | 2;
}

const stages: Stage[] = [
  { isFused: true, repeats: 1, filters: 16, expansion: 1, strides: 1 },
  { isFused: true, repeats: 2, filters: 32, expansion: 4, strides: 2 },
  { isFused: true, repeats: 2, filters: 48, expansion: 4, strides: 2 },
  { isFused: false, repeats: 3, filters: 96, expansion: 4, strides: 2 },
  { isFused: false, repeats: 5, filters: 112, expansion: 6, strides: 1 },
  { isFused: false, repeats: 8, filters: 192, expansion: 6, strides: 2 },
];

/** Share of a block's outputs that is left out in training, where the network is as deep as the first: it grows to there. */
const dropConnectRate = 0.2;

function efficientNetV2(scale: Scale): Application<EfficientNetV2Options> {
  async function build(options: EfficientNetV2Options = {}): Promise<LayersModel> {
    const { variant, size, hashes } = scale;
    const settings = checkApplicationOptions(options, {
      where: `applications.efficientNetV2${variant.toUpperCase()}`,
      defaultSize: size,
      leastSize: 32,
      known: { ...applicationOptions, includePreprocessing: true },
    });
    const { includePreprocessing = true } = options;
    checkBoolean("includePreprocessing", includePreprocessing);
    const [end, hash] = settings.includeTop ? ["", hashes[0]] : ["_notop", hashes[1]];
    const modelName = `efficientnetv2-${variant}`;
    const imagenet = { folder: "efficientnet_v2", name: `${modelName}${end}.h5`, hash };
    const weights = await chooseWeights(settings, { imagenet });
    const name = settings.name ?? modelName;
    return buildNetwork(architecture(name, { ...scale, includePreprocessing }), settings, weights);
  }
  return Object.assign(build, { preprocessInput: plainInput, decodePredictions });
}

function architecture(
  name: string,
  { width, depth, includePreprocessing }: Scale & { includePreprocessing: boolean },
): Architecture {
  const rounded = (filters: number) => nearestMultiple(filters * width);
  return {
    name,
    features(input, apply) {
      const steps = stepsOf(apply, { momentum: 0.9 });
      let x = includePreprocessing ? standardized(input, apply) : input;
      const stem = { filters: rounded(32), kernelSize: 3, strides: 2, name: "stem_conv" };
      x = steps.activate(steps.convolve(x, stem), "stem_");
      // As Keras counts them, whatever the depth: the rate goes beyond that of the first network.
      const count = stages.reduce((sum, { repeats }) => sum + repeats, 0);
      let done = 0;
      for (const [i, { isFused, repeats, filters, expansion, ...stage }] of stages.entries()) {
        for (let j = 0; j < Math.ceil(depth * repeats); j++) {
          const prefix = `block${i + 1}${String.fromCharCode(97 + j)}_`;
          const place = { prefix, dropRate: (dropConnectRate * done++) / count };
          const strides = j === 0 ? stage.strides : 1;
          const block = { ...place, strides, expansion, filters: rounded(filters) };
          x = (isFused ? fusedBlock : invertedResidual)(x, steps, block);
        }
      }
      return steps.activate(
        steps.convolve(x, { filters: rounded(1280), name: "top_conv" }),
        "top_",
      );
    },
    top(features, apply, settings) {
      const biasInitializer = tf.initializers.constant({ value: 0 });
      return classifier(features, apply, { settings, dropoutRate: 0.2, biasInitializer });
    },
    end: pooledByName,
  };
}

/** Pixels in [0, 255] to what the network was trained on; to [-1, 1] where they have other channels than RGB. */
function standardized(input: SymbolicTensor, apply: Apply): SymbolicTensor {
  if (input.shape.at(-1) !== 3) {
    return apply(rescaling({ scale: 1 / 128, offset: -1 }), input);
  }
  const mean = [0.485, 0.456, 0.406];
  const variance = [0.229 ** 2, 0.224 ** 2, 0.225 ** 2];
  const x = apply(rescaling({ scale: 1 / 255 }), input);
  return apply(normalization({ mean, variance, axis: 3 }), x);
}

/** One block at its place. */
interface Block {
  prefix: string;
  dropRate: number;
  strides: 1 | 2;
  filters: number;
  expansion: number;
}

/** Widens, filters each channel, weighs the channels, narrows. */
function invertedResidual(input: SymbolicTensor, steps: Steps, block: Block): SymbolicTensor {
  const { prefix, strides, filters, expansion } = block;
  const channels = input.shape.at(-1)!;
  let x = steps.convolve(input, { filters: channels * expansion, name: `${prefix}expand_conv` });
  x = steps.activate(x, `${prefix}expand_`);
  x = steps.filterEach(x, { kernelSize: 3, strides, name: `${prefix}dwconv2` });
  x = steps.activate(x, prefix);
  x = steps.excite(x, { prefix, reduced: Math.max(1, Math.trunc(channels * 0.25)) });
  x = steps.convolve(x, { filters, name: `${prefix}project_conv` });
  return joined(steps.normalize(x, `${prefix}project_`), input, { steps, block });
}

/** Widens and filters in one convolution, and narrows; only filters where it doesn't widen. */
function fusedBlock(input: SymbolicTensor, steps: Steps, block: Block): SymbolicTensor {
  const { prefix, strides, filters, expansion } = block;
  const name = `${prefix}project_conv`;
  if (expansion === 1) {
    const x = steps.convolve(input, { filters, kernelSize: 3, strides, name });
    return joined(steps.activate(x, `${prefix}project_`), input, { steps, block });
  }
  const wide = { filters: input.shape.at(-1)! * expansion, name: `${prefix}expand_conv` };
  let x = steps.convolve(input, { ...wide, kernelSize: 3, strides });
  x = steps.convolve(steps.activate(x, `${prefix}expand_`), { filters, name });
  return joined(steps.normalize(x, `${prefix}project_`), input, { steps, block });
}

/** Adds what a block was given, where the shapes agree. */
function joined(
  x: SymbolicTensor,
  input: SymbolicTensor,
  { steps, block }: { steps: Steps; block: Block },
): SymbolicTensor {
  const { strides, filters } = block;
  return strides === 1 && input.shape.at(-1) === filters ? steps.join(x, input, block) : x;
}

/**
 * Makes EfficientNetV2-B0, with Keras' names of layers: 7,200,312 parameters, 5,919,312 without the top.
 *
 * It takes RGB pixels in [0, 255], `[batch, height, width, 3]` float32: what is done to them first is part of it, and
 * `preprocessInput` leaves them as they are. Its output is `[batch, classes]`, or without the top
 * `[batch, height / 32, width / 32, 1280]`, or `[batch, 1280]` with `pooling`. `decodePredictions` names classes. B1 to
 * B3 are wider and deeper, and made for larger images. Any `name` will do, where Keras knows only its own.
 *
 * @returns A `tf.LayersModel`; the caller disposes it. `applications.weightsOf(model)` says what it was trained on.
 * @throws InvalidArgumentError for options that make no sense together.
 * @throws ConvnetsError when the weights can't be had, ModelFileError when they don't fit.
 * @example
 * import { applications, tf } from "convnets";
 * const model = await applications.efficientNetV2B0({ weights: null });
 * const predictions = model.predict(tf.zeros([1, 224, 224, 3])); // [1, 1000]
 * @see Tan, Le, "EfficientNetV2: smaller models and faster training", 2021
 * @see https://keras.io/api/applications/efficientnet_v2/
 */
export const efficientNetV2B0 = efficientNetV2({
  ...{ variant: "b0", size: 224, width: 1, depth: 1 },
  hashes: ["21ecbf6da12460d5c40bb2f29ceb2188", "893217f2bb855e2983157299931e43ff"],
});

/**
 * Makes EfficientNetV2-B1, for images of 240 × 240 pixels; as `efficientNetV2B0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetV2B1({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet_v2/
 */
export const efficientNetV2B1 = efficientNetV2({
  ...{ variant: "b1", size: 240, width: 1, depth: 1.1 },
  hashes: ["069f0534ff22adf035c89e2d9547a9dc", "0e80663031ca32d657f9caa404b6ec37"],
});

/**
 * Makes EfficientNetV2-B2, for images of 260 × 260 pixels; as `efficientNetV2B0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetV2B2({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet_v2/
 */
export const efficientNetV2B2 = efficientNetV2({
  ...{ variant: "b2", size: 260, width: 1.1, depth: 1.2 },
  hashes: ["424e49f28180edbde1e94797771950a7", "1dfe2e7a5d45b6632553a8961ea609eb"],
});

/**
 * Makes EfficientNetV2-B3, for images of 300 × 300 pixels; as `efficientNetV2B0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetV2B3({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet_v2/
 */
export const efficientNetV2B3 = efficientNetV2({
  ...{ variant: "b3", size: 300, width: 1.2, depth: 1.4 },
  hashes: ["1f1fc43bd98a6e4fd8fdfd551e02c7a0", "f6abf7b5849ac99a89b50dd3fd532856"],
});
