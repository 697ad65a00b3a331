/** Xception. */
import type { layers, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { application } from "./application";
import type { Apply } from "./architecture";
import { averageTop } from "./endings";
import { usualFiles } from "./kerasFiles";
import { convolution, relu } from "./parts";
import { centredInput } from "./preprocessing";

/** Blocks that halve images: their separable convolutions' filters, and whether activations precede the first. */
const entry = [
  { block: 2, filters: [128, 128], activatesFirst: false },
  { block: 3, filters: [256, 256], activatesFirst: true },
  { block: 4, filters: [728, 728], activatesFirst: true },
];
const exit = { block: 13, filters: [728, 1024], activatesFirst: true };

function features(input: SymbolicTensor, apply: Apply): SymbolicTensor {
  let x = input;
  for (const [i, filters] of [32, 64].entries()) {
    const name = `block1_conv${i + 1}`;
    const strides = i === 0 ? 2 : 1;
    x = apply(convolution({ filters, kernelSize: 3, strides, useBias: false, name }), x);
    x = apply(normalization(`${name}_bn`), x);
    x = apply(relu(`${name}_act`), x);
  }
  for (const block of entry) x = halving(x, apply, block);
  for (let block = 5; block <= 12; block++) x = middle(x, apply, `block${block}`);
  x = halving(x, apply, exit);
  for (const [i, filters] of [1536, 2048].entries()) {
    const name = `block14_sepconv${i + 1}`;
    x = separable(x, apply, { filters, name });
    x = apply(relu(`${name}_act`), x);
  }
  return x;
}

/** Two separable convolutions and a pooling, beside a 1×1 convolution at every second pixel. */
function halving(
  input: SymbolicTensor,
  apply: Apply,
  { block, filters, activatesFirst }: typeof exit,
): SymbolicTensor {
  const shortcut = convolution({
    filters: filters[1]!,
    kernelSize: 1,
    strides: 2,
    padding: "same",
    useBias: false,
  });
  const residual = apply(normalization(), apply(shortcut, input));
  let x = input;
  for (const [i, width] of filters.entries()) {
    const name = `block${block}_sepconv${i + 1}`;
    if (i > 0 || activatesFirst) x = apply(relu(`${name}_act`), x);
    x = separable(x, apply, { filters: width, name });
  }
  const pool = { poolSize: 3, strides: 2, padding: "same", name: `block${block}_pool` } as const;
  x = apply(tf.layers.maxPooling2d(pool), x);
  return apply(tf.layers.add({}), [x, residual]);
}

/** Three separable convolutions, added to what they take. */
function middle(input: SymbolicTensor, apply: Apply, block: string): SymbolicTensor {
  let x = input;
  for (let i = 1; i <= 3; i++) {
    const name = `${block}_sepconv${i}`;
    x = apply(relu(`${name}_act`), x);
    x = separable(x, apply, { filters: 728, name });
  }
  return apply(tf.layers.add({}), [x, input]);
}

function separable(
  input: SymbolicTensor,
  apply: Apply,
  { filters, name }: { filters: number; name: string },
): SymbolicTensor {
  const options = { filters, kernelSize: 3, padding: "same", useBias: false, name } as const;
  const x = apply(tf.layers.separableConv2d(options), input);
  return apply(normalization(`${name}_bn`), x);
}

function normalization(name?: string): layers.Layer {
  return tf.layers.batchNormalization({ axis: -1, name });
}

/**
 * Xception, with Keras' names of layers: 22,910,480 parameters, 20,861,480 without the top. Images are 299 × 299 with
 * ImageNet's top, and at least 71 × 71.
 *
 * Its input is what `xception.preprocessInput` gives, `[batch, height, width, 3]` float32 in [-1, 1]. Its output is
 * `[batch, classes]`, or without the top about `[batch, height / 32, width / 32, 2048]`, or `[batch, 2048]` with
 * `pooling`.
 *
 * @example
 * import { applications, tf } from "convnets";
 * const model = await applications.xception();
 * const x = applications.xception.preprocessInput(tf.zeros([1, 299, 299, 3]));
 * const predictions = model.predict(x) as tf.Tensor;
 * const [guesses] = applications.xception.decodePredictions(predictions, { top: 3 });
 * @see Chollet, "Xception: deep learning with depthwise separable convolutions", 2016
 * @see https://keras.io/api/applications/xception/
 */
export const xception = application({
  name: "xception",
  modelName: "xception",
  defaultSize: 299,
  leastSize: 71,
  files: usualFiles("xception", {
    folder: "xception",
    hashes: ["0a58e3b7378bc2990ea3b43d5981f1f6", "b0042744bf5b25fce3cb969f33bebb97"],
  }),
  preprocessInput: centredInput,
  features,
  top: averageTop,
});
