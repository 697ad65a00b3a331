/** ResNet50, 101 and 152, and their second version. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { type Application, application } from "./application";
import type { Apply } from "./architecture";
import { averageTop, pooledByName } from "./endings";
import { usualFiles } from "./kerasFiles";
import { convolution, relu } from "./parts";
import { caffeInput, centredInput } from "./preprocessing";
import { normalization, stacked, zeros } from "./resNetBlocks";

/** How many blocks each of the four stacks has. */
const depths = { 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3] };

interface Variant {
  depth: keyof typeof depths;
  version: 1 | 2;
  hashes: [withTop: string, withoutTop: string];
}

function resNet(variant: Variant): Application {
  const { depth, version, hashes } = variant;
  const isSecond = version === 2;
  const modelName = `resnet${depth}${isSecond ? "v2" : ""}`;
  return application({
    name: `resNet${depth}${isSecond ? "V2" : ""}`,
    modelName,
    defaultSize: 224,
    leastSize: 32,
    files: usualFiles(modelName, { folder: "resnet", hashes }),
    preprocessInput: isSecond ? centredInput : caffeInput,
    features: (input, apply) => featuresOf(input, apply, variant),
    top: averageTop,
    end: pooledByName,
  });
}

/** The first version strides at the beginning of all stacks but the first, the second at the end of all but the last. */
function featuresOf(
  input: SymbolicTensor,
  apply: Apply,
  { depth, version }: Variant,
): SymbolicTensor {
  const normalized = (x: SymbolicTensor, name: string) =>
    apply(relu(`${name}_relu`), apply(normalization(`${name}_bn`), x));
  let x = firstConvolution(input, apply);
  if (version === 1) x = normalized(x, "conv1");
  x = firstPooling(x, apply);
  const plain = version === 1 ? 0 : 3;
  for (const [i, blocks] of depths[depth].entries()) {
    const stack = { version, filters: 64 * 2 ** i, blocks, name: `conv${i + 2}` };
    x = stacked(x, apply, { ...stack, stride: i === plain ? 1 : 2 });
  }
  return version === 1 ? x : normalized(x, "post");
}

function firstConvolution(input: SymbolicTensor, apply: Apply): SymbolicTensor {
  const x = apply(zeros(3, "conv1_pad"), input);
  const options = { filters: 64, kernelSize: 7, strides: 2, name: "conv1_conv" };
  return apply(convolution(options), x);
}

function firstPooling(input: SymbolicTensor, apply: Apply): SymbolicTensor {
  const x = apply(zeros(1, "pool1_pad"), input);
  return apply(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: "pool1_pool" }), x);
}

/**
 * ResNet50, with Keras' names of layers: 25,636,712 parameters, 23,587,712 without the top.
 *
 * Its input is what `resNet50.preprocessInput` gives, `[batch, height, width, 3]` float32, BGR less ImageNet's means. Its
 * output is `[batch, classes]`, or without the top `[batch, height / 32, width / 32, 2048]`, or `[batch, 2048]` with
 * `pooling`.
 *
 * @example
 * import { applications, tf } from "convnets";
 * const base = await applications.resNet50({ includeTop: false, pooling: "avg" });
 * const x = applications.resNet50.preprocessInput(tf.zeros([1, 180, 180, 3]));
 * const features = base.predict(x); // [1, 2048]
 * @see He et al., "Deep residual learning for image recognition", 2015
 * @see https://keras.io/api/applications/resnet/
 */
export const resNet50 = resNet({
  depth: 50,
  version: 1,
  hashes: ["2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"],
});

/**
 * ResNet101, as `resNet50` but deeper: 44,707,176 parameters, 42,658,176 without the top.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.resNet101({ includeTop: false, inputShape: [180, 180, 3] });
 * @see https://keras.io/api/applications/resnet/
 */
export const resNet101 = resNet({
  depth: 101,
  version: 1,
  hashes: ["f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"],
});

/**
 * ResNet152, as `resNet50` but deeper: 60,419,944 parameters, 58,370,944 without the top.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.resNet152({ includeTop: false, inputShape: [180, 180, 3] });
 * @see https://keras.io/api/applications/resnet/
 */
export const resNet152 = resNet({
  depth: 152,
  version: 1,
  hashes: ["100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"],
});

/**
 * ResNet50V2, which normalizes before its convolutions: 25,613,800 parameters, 23,564,800 without the top.
 *
 * Its input is what `resNet50V2.preprocessInput` gives, `[batch, height, width, 3]` float32 in [-1, 1]; its output has
 * the shape of `resNet50`'s.
 *
 * @example
 * import { applications, tf } from "convnets";
 * const model = await applications.resNet50V2();
 * const x = applications.resNet50V2.preprocessInput(tf.zeros([1, 224, 224, 3]));
 * const predictions = model.predict(x) as tf.Tensor;
 * const [guesses] = applications.resNet50V2.decodePredictions(predictions, { top: 3 });
 * @see He et al., "Identity mappings in deep residual networks", 2016
 * @see https://keras.io/api/applications/resnet/
 */
export const resNet50V2 = resNet({
  depth: 50,
  version: 2,
  hashes: ["3ef43a0b657b3be2300d5770ece849e0", "fac2f116257151a9d068a22e544a4917"],
});

/**
 * ResNet101V2, as `resNet50V2` but deeper: 44,675,560 parameters, 42,626,560 without the top.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.resNet101V2({ includeTop: false, inputShape: [180, 180, 3] });
 * @see https://keras.io/api/applications/resnet/
 */
export const resNet101V2 = resNet({
  depth: 101,
  version: 2,
  hashes: ["6343647c601c52e1368623803854d971", "c0ed64b8031c3730f411d2eb4eea35b5"],
});

/**
 * ResNet152V2, as `resNet50V2` but deeper: 60,380,648 parameters, 58,331,648 without the top.
 *
 * @example
 * import { applications } from "convnets";
 * const base = await applications.resNet152V2({ includeTop: false, inputShape: [180, 180, 3] });
 * @see https://keras.io/api/applications/resnet/
 */
export const resNet152V2 = resNet({
  depth: 152,
  version: 2,
  hashes: ["a49b44d1979771252814e80f8ec446f9", "ed17cf2e0169df9d443503ef94b23b33"],
});
