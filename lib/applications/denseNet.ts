/** DenseNet121, 169 and 201. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { type Application, application } from "./application";
import type { Apply } from "./architecture";
import { averageTop, pooledByName } from "./endings";
import { usualFiles } from "./kerasFiles";
import { convolution, relu } from "./parts";
import { standardInput } from "./preprocessing";
import { normalization, zeros } from "./resNetBlocks";

/** How many blocks each of the four stages has. */
const depths = { 121: [6, 12, 24, 16], 169: [6, 12, 32, 32], 201: [6, 12, 48, 32] };

/** Channels that each block adds. */
const GROWTH = 32;

function denseNet(
  depth: keyof typeof depths,
  hashes: [withTop: string, withoutTop: string],
): Application {
  const modelName = `densenet${depth}`;
  return application({
    name: `denseNet${depth}`,
    modelName,
    defaultSize: 224,
    leastSize: 32,
    files: usualFiles(modelName, { folder: "densenet", hashes }),
    preprocessInput: standardInput,
    features: (input, apply) => features(input, apply, depths[depth]),
    top: averageTop,
    end: pooledByName,
  });
}

function features(input: SymbolicTensor, apply: Apply, stages: number[]): SymbolicTensor {
  let x = apply(zeros(3), input);
  const first = { filters: 64, kernelSize: 7, strides: 2, useBias: false, name: "conv1_conv" };
  x = apply(convolution(first), x);
  x = apply(normalization("conv1_bn"), x);
  x = apply(relu("conv1_relu"), x);
  x = apply(zeros(1), x);
  x = apply(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: "pool1" }), x);
  for (const [i, blocks] of stages.entries()) {
    if (i > 0) x = transition(x, apply, `pool${i + 1}`);
    for (let j = 1; j <= blocks; j++) x = denseBlock(x, apply, `conv${i + 2}_block${j}`);
  }
  x = apply(normalization("bn"), x);
  return apply(relu("relu"), x);
}

/** Adds new channels to those that there are. */
function denseBlock(input: SymbolicTensor, apply: Apply, name: string): SymbolicTensor {
  const bare = { useBias: false, padding: "same" } as const;
  let x = apply(normalization(`${name}_0_bn`), input);
  x = apply(relu(`${name}_0_relu`), x);
  const narrow = { filters: 4 * GROWTH, kernelSize: 1, useBias: false, name: `${name}_1_conv` };
  x = apply(convolution(narrow), x);
  x = apply(normalization(`${name}_1_bn`), x);
  x = apply(relu(`${name}_1_relu`), x);
  const last = { ...bare, filters: GROWTH, kernelSize: 3, name: `${name}_2_conv` };
  x = apply(convolution(last), x);
  return apply(tf.layers.concatenate({ axis: 3, name: `${name}_concat` }), [input, x]);
}

/** Halves the channels, and both sides of the images. */
function transition(input: SymbolicTensor, apply: Apply, name: string): SymbolicTensor {
  let x = apply(normalization(`${name}_bn`), input);
  x = apply(relu(`${name}_relu`), x);
  const filters = Math.trunc(x.shape.at(-1)! / 2);
  x = apply(convolution({ filters, kernelSize: 1, useBias: false, name: `${name}_conv` }), x);
  const pool = tf.layers.averagePooling2d({ poolSize: 2, strides: 2, name: `${name}_pool` });
  return apply(pool, x);
}

/**
 * DenseNet121, with Keras' names of layers: 8,062,504 parameters, 7,037,504 without the top.
 *
 * Its input is what `denseNet121.preprocessInput` gives, `[batch, height, width, 3]` float32, less ImageNet's means and
 * divided by its deviations. Its output is `[batch, classes]`, or without the top
 * `[batch, height / 32, width / 32, 1024]`, or `[batch, 1024]` with `pooling`.
 *
 * @example
 * import { applications, tf } from "convnets";
 * const model = await applications.denseNet121();
 * const x = applications.denseNet121.preprocessInput(tf.zeros([1, 224, 224, 3]));
 * const predictions = model.predict(x) as tf.Tensor;
 * const [guesses] = applications.denseNet121.decodePredictions(predictions, { top: 3 });
 * @see Huang et al., "Densely connected convolutional networks", 2016
 * @see https://keras.io/api/applications/densenet/
 */
export const denseNet121 = denseNet(121, [
  "9d60b8095a5708f2dcce2bca79d332c7",
  "30ee3e1110167f948a6b9946edeeb738",
]);

/**
 * DenseNet169, as `denseNet121` but deeper: 14,307,880 parameters, 12,642,880 without the top, whose output has 1664
 * channels.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.denseNet169({ includeTop: false, inputShape: [180, 180, 3] });
 * @see https://keras.io/api/applications/densenet/
 */
export const denseNet169 = denseNet(169, [
  "d699b8f76981ab1b30698df4c175e90b",
  "b8c4d4c20dd625c148057b9ff1c1176b",
]);

/**
 * DenseNet201, as `denseNet121` but deeper: 20,242,984 parameters, 18,321,984 without the top, whose output has 1920
 * channels.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.denseNet201({ includeTop: false, inputShape: [180, 180, 3] });
 * @see https://keras.io/api/applications/densenet/
 */
export const denseNet201 = denseNet(201, [
  "1ceb130c1ea1b78c3bf6114dbdfd8807",
  "c13680b51ded0fb44dff2d8f86ac8bb1",
]);
