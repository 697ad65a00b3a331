/** EfficientNet, B0 to B7. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { normalization, rescaling } from "../layers";
import type { Application } from "./application";
import type { Apply, Architecture } from "./architecture";
import { decodePredictions } from "./decodePredictions";
import { classifier, type Steps, stepsOf } from "./efficientNetParts";
import { pooledByName } from "./endings";
import { divisible, halvingPadding } from "./mobileParts";
import { buildNetwork } from "./network";
import { type ApplicationOptions, applicationOptions, checkApplicationOptions } from "./options";
import { plainInput } from "./preprocessing";
import { chooseWeights } from "./weights";

/** One of the eight: how much wider and deeper than the first it is. */
interface Scale {
  variant: string;
  /** The side of images that it is made for, in pixels. */
  size: number;
  width: number;
  depth: number;
  dropoutRate: number;
  /** MD5 of ImageNet's weights with the top and without, as in Keras' source. */
  hashes: [withTop: string, withoutTop: string];
}

/** What blocks are repeated: their filters and the side of their window. */
const stages: {
  kernelSize: number;
  repeats: number;
  filters: number;
  expansion: number;
  strides: 1 | 2;
}[] = [
  { kernelSize: 3, repeats: 1, filters: 16, expansion: 1, strides: 1 },
  { kernelSize: 3, repeats: 2, filters: 24, expansion: 6, strides: 2 },
  { kernelSize: 5, repeats: 2, filters: 40, expansion: 6, strides: 2 },
  { kernelSize: 3, repeats: 3, filters: 80, expansion: 6, strides: 2 },
  { kernelSize: 5, repeats: 3, filters: 112, expansion: 6, strides: 1 },
  { kernelSize: 5, repeats: 4, filters: 192, expansion: 6, strides: 2 },
  { kernelSize: 3, repeats: 1, filters: 320, expansion: 6, strides: 1 },
];

/** Share of the last block's outputs that is left out in training; it grows to there from 0. */
const dropConnectRate = 0.2;

const deviations = [0.229, 0.224, 0.225];

/** The function that makes one of them. */
export function efficientNet(scale: Scale): Application {
  async function build(options: ApplicationOptions = {}): Promise<LayersModel> {
    const { variant, size, hashes } = scale;
    const settings = checkApplicationOptions(options, {
      where: `applications.efficientNet${variant.toUpperCase()}`,
      defaultSize: size,
      leastSize: 32,
      known: applicationOptions,
    });
    const [end, hash] = settings.includeTop ? ["", hashes[0]] : ["_notop", hashes[1]];
    const weights = await chooseWeights(settings, {
      imagenet: {
        address: "https://storage.googleapis.com/keras-applications/",
        folder: "",
        name: `efficientnet${variant}${end}.h5`,
        hash,
      },
    });
    const isImageNet = weights.name === "imagenet";
    const name = settings.name ?? `efficientnet${variant}`;
    return buildNetwork(architecture(name, { ...scale, isImageNet }), settings, weights);
  }
  return Object.assign(build, { preprocessInput: plainInput, decodePredictions });
}

function architecture(name: string, options: Scale & { isImageNet: boolean }): Architecture {
  const { width, depth, dropoutRate, isImageNet } = options;
  const rounded = (filters: number) => divisible(filters * width);
  const repeated = (repeats: number) => Math.ceil(depth * repeats);
  return {
    name,
    features(input, apply) {
      const steps = stepsOf(apply, { momentum: 0.99 });
      let x = standardized(input, apply, { isImageNet });
      x = apply(halvingPadding(x.shape, { size: 3, name: "stem_conv_pad" }), x);
      const stem = { filters: rounded(32), kernelSize: 3, strides: 2, name: "stem_conv" };
      x = steps.activate(steps.convolve(x, { ...stem, padding: "valid" }), "stem_");
      const count = stages.reduce((sum, { repeats }) => sum + repeated(repeats), 0);
      let done = 0;
      for (const [i, { repeats, filters, ...stage }] of stages.entries()) {
        for (let j = 0; j < repeated(repeats); j++) {
          const prefix = `block${i + 1}${String.fromCharCode(97 + j)}_`;
          const place = { prefix, dropRate: (dropConnectRate * done++) / count };
          const strides = j === 0 ? stage.strides : 1;
          const block = { ...stage, ...place, strides, filters: rounded(filters) };
          x = invertedResidual(x, { apply, steps, ...block });
        }
      }
      return steps.activate(
        steps.convolve(x, { filters: rounded(1280), name: "top_conv" }),
        "top_",
      );
    },
    top: (features, apply, settings) =>
      classifier(features, apply, { settings, dropoutRate, biasInitializer: "zeros" }),
    end: pooledByName,
  };
}

/** Pixels in [0, 255] to what the network was trained on. */
function standardized(
  input: SymbolicTensor,
  apply: Apply,
  { isImageNet }: { isImageNet: boolean },
): SymbolicTensor {
  const x = apply(normalization({ axis: 3 }), apply(rescaling({ scale: 1 / 255 }), input));
  if (!isImageNet) return x;
  // These weights are used to a division by the variance where the layer divides by its root.
  return apply(rescaling({ scale: deviations.map((each) => 1 / Math.sqrt(each)) }), x);
}

/** Widens, filters each channel, weighs the channels, narrows; adds its input where the shapes agree. */
function invertedResidual(
  input: SymbolicTensor,
  block: {
    apply: Apply;
    steps: Steps;
    prefix: string;
    dropRate: number;
    kernelSize: number;
    strides: 1 | 2;
    filters: number;
    expansion: number;
  },
): SymbolicTensor {
  const { apply, steps, prefix, dropRate, kernelSize, strides, filters, expansion } = block;
  const channels = input.shape.at(-1)!;
  let x = input;
  if (expansion > 1) {
    x = steps.convolve(x, { filters: channels * expansion, name: `${prefix}expand_conv` });
    x = steps.activate(x, `${prefix}expand_`);
  }
  if (strides === 2) {
    x = apply(halvingPadding(x.shape, { size: kernelSize, name: `${prefix}dwconv_pad` }), x);
  }
  const padding = strides === 2 ? "valid" : "same";
  x = steps.filterEach(x, { kernelSize, strides, padding, name: `${prefix}dwconv` });
  x = steps.activate(x, prefix);
  x = steps.excite(x, { prefix, reduced: Math.max(1, Math.trunc(channels * 0.25)) });
  x = steps.convolve(x, { filters, name: `${prefix}project_conv` });
  x = steps.normalize(x, `${prefix}project_`);
  if (strides !== 1 || channels !== filters) return x;
  return steps.join(x, input, { prefix, dropRate });
}

/**
 * Makes EfficientNet-B0, with Keras' names of layers: 5,330,571 parameters, 4,049,571 without the top.
 *
 * It takes RGB pixels in [0, 255], `[batch, height, width, 3]` float32: what is done to them first is part of it, and
 * `preprocessInput` leaves them as they are. Its output is `[batch, classes]`, or without the top
 * `[batch, height / 32, width / 32, 1280]`, or `[batch, 1280]` with `pooling`. `decodePredictions` names classes. As in
 * Keras, `weights: "imagenet"` has one layer more than a file's, a `Rescaling` that these weights need. B1 to B7 are
 * wider and deeper, and made for larger images; the number of feature maps grows with them.
 *
 * @returns A `tf.LayersModel`; the caller disposes it. `applications.weightsOf(model)` says what it was trained on.
 * @throws InvalidArgumentError for options that make no sense together.
 * @throws ConvnetsError when the weights can't be had, ModelFileError when they don't fit.
 * @example
 * import { applications, tf } from "convnets";
 * const model = await applications.efficientNetB0({ weights: null });
 * const predictions = model.predict(tf.zeros([1, 224, 224, 3])); // [1, 1000]
 * @see Tan, Le, "EfficientNet: rethinking model scaling for convolutional neural networks", 2019
 * @see https://keras.io/api/applications/efficientnet/
 */
export const efficientNetB0 = efficientNet({
  ...{ variant: "b0", size: 224, width: 1, depth: 1, dropoutRate: 0.2 },
  hashes: ["902e53a9f72be733fc0bcb005b3ebbac", "50bc09e76180e00e4465e1a485ddc09d"],
});

/**
 * Makes EfficientNet-B1, for images of 240 × 240 pixels; as `efficientNetB0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetB1({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet/
 */
export const efficientNetB1 = efficientNet({
  ...{ variant: "b1", size: 240, width: 1, depth: 1.1, dropoutRate: 0.2 },
  hashes: ["1d254153d4ab51201f1646940f018540", "74c4e6b3e1f6a1eea24c589628592432"],
});

/**
 * Makes EfficientNet-B2, for images of 260 × 260 pixels; as `efficientNetB0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetB2({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet/
 */
export const efficientNetB2 = efficientNet({
  ...{ variant: "b2", size: 260, width: 1.1, depth: 1.2, dropoutRate: 0.3 },
  hashes: ["b15cce36ff4dcbd00b6dd88e7857a6ad", "111f8e2ac8aa800a7a99e3239f7bfb39"],
});

/**
 * Makes EfficientNet-B3, for images of 300 × 300 pixels; as `efficientNetB0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetB3({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet/
 */
export const efficientNetB3 = efficientNet({
  ...{ variant: "b3", size: 300, width: 1.2, depth: 1.4, dropoutRate: 0.3 },
  hashes: ["ffd1fdc53d0ce67064dc6a9c7960ede0", "af6d107764bb5b1abb91932881670226"],
});

/**
 * Makes EfficientNet-B4, for images of 380 × 380 pixels; as `efficientNetB0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetB4({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet/
 */
export const efficientNetB4 = efficientNet({
  ...{ variant: "b4", size: 380, width: 1.4, depth: 1.8, dropoutRate: 0.4 },
  hashes: ["18c95ad55216b8f92d7e70b3a046e2fc", "ebc24e6d6c33eaebbd558eafbeedf1ba"],
});

/**
 * Makes EfficientNet-B5, for images of 456 × 456 pixels; as `efficientNetB0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetB5({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet/
 */
export const efficientNetB5 = efficientNet({
  ...{ variant: "b5", size: 456, width: 1.6, depth: 2.2, dropoutRate: 0.4 },
  hashes: ["ace28f2a6363774853a83a0b21b9421a", "38879255a25d3c92d5e44e04ae6cec6f"],
});

/**
 * Makes EfficientNet-B6, for images of 528 × 528 pixels; as `efficientNetB0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetB6({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet/
 */
export const efficientNetB6 = efficientNet({
  ...{ variant: "b6", size: 528, width: 1.8, depth: 2.6, dropoutRate: 0.5 },
  hashes: ["165f6e37dce68623721b423839de8be5", "9ecce42647a20130c1f39a5d4cb75743"],
});

/**
 * Makes EfficientNet-B7, for images of 600 × 600 pixels; as `efficientNetB0` in all else.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.efficientNetB7({ weights: null, includeTop: false });
 * @see https://keras.io/api/applications/efficientnet/
 */
export const efficientNetB7 = efficientNet({
  ...{ variant: "b7", size: 600, width: 2, depth: 3.1, dropoutRate: 0.5 },
  hashes: ["8c03f828fec3ef71311cd463b6759d99", "cbcfe4450ddf6f3ad90b1b398090fe4a"],
});
