/** InceptionV3. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { application } from "./application";
import type { Apply } from "./architecture";
import { averageTop } from "./endings";
import { usualFiles } from "./kerasFiles";
import { convolution, relu } from "./parts";
import { centredInput } from "./preprocessing";

/** A convolution: its filters, and the height and width of its window. */
type Step = [filters: number, height: number, width: number];

/** Branches side by side, put together. The last one pools, and convolves that unless the module halves images. */
interface Module {
  name: string;
  branches: Step[][];
  /** Filters behind the mean pooling. @default the module halves images */
  pooledFilters?: number;
}

function squares(name: string, pooledFilters: number): Module {
  const five: Step[] = [
    [48, 1, 1],
    [64, 5, 5],
  ];
  const three: Step[] = [
    [64, 1, 1],
    [96, 3, 3],
    [96, 3, 3],
  ];
  return { name, branches: [[[64, 1, 1]], five, three], pooledFilters };
}

/** 7×7 windows as 1×7 and 7×1. */
function stripes(name: string, filters: number): Module {
  const seven: Step[] = [
    [filters, 1, 1],
    [filters, 1, 7],
    [192, 7, 1],
  ];
  const twice: Step[] = [
    [filters, 1, 1],
    [filters, 7, 1],
    [filters, 1, 7],
    [filters, 7, 1],
    [192, 1, 7],
  ];
  return { name, branches: [[[192, 1, 1]], seven, twice], pooledFilters: 192 };
}

const modules: Module[] = [
  squares("mixed0", 32),
  squares("mixed1", 64),
  squares("mixed2", 64),
  {
    name: "mixed3",
    branches: [
      [[384, 3, 3]],
      [
        [64, 1, 1],
        [96, 3, 3],
        [96, 3, 3],
      ],
    ],
  },
  stripes("mixed4", 128),
  stripes("mixed5", 160),
  stripes("mixed6", 160),
  stripes("mixed7", 192),
  {
    name: "mixed8",
    branches: [
      [
        [192, 1, 1],
        [320, 3, 3],
      ],
      [
        [192, 1, 1],
        [192, 1, 7],
        [192, 7, 1],
        [192, 3, 3],
      ],
    ],
  },
];

function features(input: SymbolicTensor, apply: Apply): SymbolicTensor {
  let x = normalized(input, apply, [32, 3, 3], { strides: 2, padding: "valid" });
  x = normalized(x, apply, [32, 3, 3], { padding: "valid" });
  x = normalized(x, apply, [64, 3, 3]);
  x = halved(x, apply);
  x = normalized(x, apply, [80, 1, 1], { padding: "valid" });
  x = normalized(x, apply, [192, 3, 3], { padding: "valid" });
  x = halved(x, apply);
  for (const module of modules) x = mixed(x, apply, module);
  x = forked(x, apply, { name: "mixed9", firstFork: "mixed9_0" });
  return forked(x, apply, { name: "mixed10", firstFork: "mixed9_1" });
}

/** A convolution, normalized and cut off below 0. */
function normalized(
  input: SymbolicTensor,
  apply: Apply,
  [filters, ...kernelSize]: Step,
  options: { strides?: 1 | 2; padding?: "same" | "valid" } = {},
): SymbolicTensor {
  const { strides = 1, padding = "same" } = options;
  let x = apply(convolution({ filters, kernelSize, strides, padding, useBias: false }), input);
  x = apply(tf.layers.batchNormalization({ axis: 3, scale: false }), x);
  return apply(relu(), x);
}

function halved(input: SymbolicTensor, apply: Apply): SymbolicTensor {
  return apply(tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }), input);
}

function meanPooled(input: SymbolicTensor, apply: Apply, filters: number): SymbolicTensor {
  const pool = tf.layers.averagePooling2d({ poolSize: 3, strides: 1, padding: "same" });
  return normalized(apply(pool, input), apply, [filters, 1, 1]);
}

function mixed(
  input: SymbolicTensor,
  apply: Apply,
  { name, branches, pooledFilters }: Module,
): SymbolicTensor {
  const isHalving = pooledFilters === undefined;
  const ends = branches.map((steps) => {
    let x = input;
    for (const [i, step] of steps.entries()) {
      const isLast = i === steps.length - 1;
      const options = isHalving && isLast ? ({ strides: 2, padding: "valid" } as const) : {};
      x = normalized(x, apply, step, options);
    }
    return x;
  });
  ends.push(isHalving ? halved(input, apply) : meanPooled(input, apply, pooledFilters));
  return together(ends, apply, name);
}

/** A module of which two branches end in 1×3 and 3×1 windows side by side. */
function forked(
  input: SymbolicTensor,
  apply: Apply,
  { name, firstFork }: { name: string; firstFork: string },
): SymbolicTensor {
  const fork = (x: SymbolicTensor, forkName?: string) => {
    const ends = [normalized(x, apply, [384, 1, 3]), normalized(x, apply, [384, 3, 1])];
    return together(ends, apply, forkName);
  };
  const single = normalized(input, apply, [320, 1, 1]);
  const three = fork(normalized(input, apply, [384, 1, 1]), firstFork);
  const narrow = normalized(input, apply, [448, 1, 1]);
  const twice = fork(normalized(narrow, apply, [384, 3, 3]));
  return together([single, three, twice, meanPooled(input, apply, 192)], apply, name);
}

function together(branches: SymbolicTensor[], apply: Apply, name?: string): SymbolicTensor {
  return apply(tf.layers.concatenate({ axis: 3, name }), branches);
}

/**
 * InceptionV3, with Keras' names of layers: 23,851,784 parameters, 21,802,784 without the top. Images are 299 × 299 with
 * ImageNet's top, and at least 75 × 75.
 *
 * Its input is what `inceptionV3.preprocessInput` gives, `[batch, height, width, 3]` float32 in [-1, 1]. Its output is
 * `[batch, classes]`, or without the top about `[batch, height / 32, width / 32, 2048]` (8 × 8 of 299 × 299), or
 * `[batch, 2048]` with `pooling`.
 *
 * @example
 * import { applications, tf } from "convnets";
 * const model = await applications.inceptionV3();
 * const x = applications.inceptionV3.preprocessInput(tf.zeros([1, 299, 299, 3]));
 * const predictions = model.predict(x) as tf.Tensor;
 * const [guesses] = applications.inceptionV3.decodePredictions(predictions, { top: 3 });
 * @see Szegedy et al., "Rethinking the Inception architecture for computer vision", 2015
 * @see https://keras.io/api/applications/inceptionv3/
 */
export const inceptionV3 = application({
  name: "inceptionV3",
  modelName: "inception_v3",
  defaultSize: 299,
  leastSize: 75,
  files: usualFiles("inception_v3", {
    folder: "inception_v3",
    hashes: ["9a0d58056eeedaa3f26cb7ebd46da564", "bcbd6486424b2319ff4ef7d526e38f63"],
  }),
  preprocessInput: centredInput,
  features,
  top: averageTop,
});
