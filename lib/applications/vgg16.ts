/** VGG16. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { Architecture } from "./architecture";
import { decodePredictions } from "./decodePredictions";
import { usualFiles } from "./kerasFiles";
import { buildNetwork } from "./network";
import { applicationOptions, checkApplicationOptions, type PackagedOptions } from "./options";
import { edges } from "./packagedWeights";
import { convolution, dense, predictions } from "./parts";
import { caffeInput } from "./preprocessing";
import { chooseWeights } from "./weights";

/** Options of `applications.vgg16`. */
export type Vgg16Options = PackagedOptions<"edges">;

/** Convolutions and their filters, block by block. */
const blocks: [convolutions: number, filters: number][] = [
  [2, 64],
  [2, 128],
  [3, 256],
  [3, 512],
  [3, 512],
];

const files = usualFiles("vgg16", {
  folder: "vgg16",
  hashes: ["64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"],
});

/**
 * Makes VGG16, with Keras' names of layers: 138,357,544 parameters, 14,714,688 without the top.
 *
 * Its input is what `vgg16.preprocessInput` gives, `[batch, height, width, 3]` float32. Its output is `[batch, classes]`,
 * or without the top `[batch, height / 32, width / 32, 512]`, or `[batch, 512]` with `pooling`.
 *
 * @returns A `tf.LayersModel`; the caller disposes it. `applications.weightsOf(model)` says what it was trained on.
 * @throws InvalidArgumentError for options that make no sense together.
 * @throws ConvnetsError when the weights can't be had, ModelFileError when they don't fit.
 * @see Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014
 * @see https://keras.io/api/applications/vgg/
 */
async function build(options: Vgg16Options = {}): Promise<LayersModel> {
  const settings = checkApplicationOptions(options, {
    where: "applications.vgg16",
    defaultSize: 224,
    leastSize: 32,
    known: applicationOptions,
  });
  const weights = await chooseWeights(settings, {
    imagenet: settings.includeTop ? files.withTop : files.withoutTop,
    packaged: edges,
  });
  return buildNetwork(architecture(settings.name ?? "vgg16"), settings, weights);
}

function architecture(name: string): Architecture {
  return {
    name,
    features(input, apply) {
      let x: SymbolicTensor = input;
      for (const [index, [convolutions, filters]] of blocks.entries()) {
        const block = `block${index + 1}`;
        for (let i = 1; i <= convolutions; i++) {
          const settings = { filters, kernelSize: 3, padding: "same", activation: "relu" } as const;
          x = apply(convolution({ ...settings, name: `${block}_conv${i}` }), x);
        }
        x = apply(tf.layers.maxPooling2d({ poolSize: 2, strides: 2, name: `${block}_pool` }), x);
      }
      return x;
    },
    top(features, apply, settings) {
      let x = apply(tf.layers.flatten({ name: "flatten" }), features);
      for (const name of ["fc1", "fc2"]) {
        x = apply(dense({ units: 4096, activation: "relu", name }), x);
      }
      return apply(predictions(settings), x);
    },
  };
}

/**
 * VGG16, and what goes before and after it: `preprocessInput` takes RGB pixels in [0, 255] to BGR less ImageNet's
 * means, `decodePredictions` names classes.
 *
 * @example
 * import { applications, summary } from "convnets";
 * const base = await applications.vgg16({ includeTop: false, inputShape: [180, 180, 3] });
 * base.trainable = false;
 * summary(base);
 */
export const vgg16 = Object.assign(build, {
  /** RGB pixels in [0, 255] to what the network takes, BGR less ImageNet's means: for a tensor, or inside a model. */
  preprocessInput: caffeInput,
  /** Names the most probable classes. */
  decodePredictions,
});
