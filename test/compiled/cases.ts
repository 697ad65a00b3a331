/** Small models of many kinds, to compare ways of training them. */
import type { LayersModel, layers, RNN, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Batch } from "../../lib/compiled";
import { borrowTensor } from "../../lib/graph";
import { tf } from "../../lib/index";

const L = tf.layers;

/** A model with batches that it can be trained on. */
export interface Case {
  name: string;
  /** Builds and compiles the model; seeds are the caller's. */
  build(): LayersModel;
  inputs: number[][];
  outputs: ("class" | "onehot" | "binary" | "number")[];
  classes?: number;
  /** Inputs are whole numbers in [0, 10). */
  tokens?: boolean;
}

type Model = LayersModel;
type CompileArgs = Parameters<Model["compile"]>[0];

function compiled(model: Model, args: CompileArgs): Model {
  model.compile(args);
  return model;
}

const convolutional = (last = "softmax") =>
  tf.sequential({
    layers: [
      L.conv2d({ filters: 4, kernelSize: 3, activation: "relu", inputShape: [10, 10, 2] }),
      L.maxPooling2d({ poolSize: 2 }),
      L.conv2d({ filters: 6, kernelSize: 3, activation: "relu" }),
      L.flatten(),
      L.dense({ units: last === "softmax" ? 5 : 1, activation: last as "softmax" }),
    ],
  });

const dense = (units = 5, activation: "softmax" | "sigmoid" | "linear" = "softmax", extra = {}) =>
  tf.sequential({
    layers: [
      L.dense({ units: 8, activation: "tanh", inputShape: [6], ...extra }),
      L.dense({ units, activation }),
    ],
  });

const sparse = { loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] };
const image = [10, 10, 2];

function convolutionalWith(name: string, optimizer: () => CompileArgs["optimizer"]): Case {
  return {
    name: `convolutional network, ${name}`,
    build: () => compiled(convolutional(), { optimizer: optimizer(), ...sparse }),
    inputs: [image],
    outputs: ["class"],
  };
}

type Layer = layers.Layer;

/** Layers with a classifier after them; `flatten: false` when they give vectors already. */
function layersCase(
  name: string,
  body: () => Layer[],
  { input = image, flatten = true } = {},
): Case {
  return {
    name,
    build: () =>
      compiled(
        tf.sequential({
          layers: [
            ...body(),
            ...(flatten ? [L.flatten()] : []),
            L.dense({ units: 5, activation: "softmax" }),
          ],
        }),
        { optimizer: "sgd", ...sparse },
      ),
    inputs: [input],
    outputs: ["class"],
  };
}

function denseCase(name: string, build: () => Model, output: Case["outputs"][number]): Case {
  return { name, build, inputs: [[6]], outputs: [output] };
}

function lossCase(loss: string, output: Case["outputs"][number], activation = "linear"): Case {
  const units = output === "onehot" ? 5 : 1;
  return denseCase(
    `loss ${loss}`,
    () =>
      compiled(dense(units, activation as "linear"), { optimizer: "sgd", loss, metrics: ["mae"] }),
    output,
  );
}

/** The optimizers of tfjs by name, with the names under which Keras knows them. */
const optimizers: [string, () => CompileArgs["optimizer"]][] = [
  ["sgd", () => "sgd"],
  ["rmsprop", () => "rmsprop"],
  ["adam", () => "adam"],
  ["adamax", () => "adamax"],
  ["adagrad", () => "adagrad"],
  ["adadelta", () => "adadelta"],
  ["momentum", () => tf.train.momentum(0.05, 0.9)],
  ["Nesterov momentum", () => tf.train.momentum(0.05, 0.9, true)],
  ["rmsprop with momentum", () => tf.train.rmsprop(0.001, 0.9, 0.5)],
];

function branches(): Model {
  const a = tf.input({ shape: [6], name: "a" });
  const b = tf.input({ shape: [4], name: "b" });
  const left = L.dense({ units: 5, activation: "relu" }).apply(a) as SymbolicTensor;
  const right = L.dense({ units: 5, activation: "elu" }).apply(b) as SymbolicTensor;
  const sum = L.add().apply([left, right]) as SymbolicTensor;
  const both = L.concatenate().apply([sum, left]) as SymbolicTensor;
  const classes = L.dense({ units: 5, activation: "softmax", name: "kind" }).apply(both);
  const amount = L.dense({ units: 1, name: "amount" }).apply(sum);
  return tf.model({ inputs: [a, b], outputs: [classes, amount] as SymbolicTensor[] });
}

function nested(): Model {
  const base = tf.sequential({
    layers: [
      L.conv2d({ filters: 3, kernelSize: 3, activation: "relu", inputShape: image }),
      L.batchNormalization(),
    ],
  });
  base.trainable = false;
  return tf.sequential({
    layers: [base, L.globalAveragePooling2d({}), L.dense({ units: 5, activation: "softmax" })],
  });
}

/** All cases. */
export const cases: Case[] = [
  ...optimizers.map(([name, optimizer]) => convolutionalWith(name, optimizer)),
  lossCase("meanSquaredError", "number"),
  lossCase("meanAbsoluteError", "number"),
  lossCase("binaryCrossentropy", "binary", "sigmoid"),
  lossCase("categoricalCrossentropy", "onehot", "softmax"),
  lossCase("hinge", "number"),
  lossCase("kullbackLeiblerDivergence", "onehot", "softmax"),
  lossCase("poisson", "binary", "sigmoid"),
  lossCase("cosineProximity", "onehot"),
  denseCase(
    "l1 and l2 regularisers",
    () =>
      compiled(
        dense(5, "softmax", {
          kernelRegularizer: tf.regularizers.l1l2({ l1: 0.01, l2: 0.02 }),
          biasRegularizer: tf.regularizers.l2({ l2: 0.1 }),
        }),
        { optimizer: "sgd", ...sparse },
      ),
    "class",
  ),
  denseCase(
    "constraints",
    () =>
      compiled(dense(5, "softmax", { kernelConstraint: "maxNorm", biasConstraint: "nonNeg" }), {
        optimizer: "sgd",
        ...sparse,
      }),
    "class",
  ),
  layersCase("dropout and noise of tfjs, drawn in TensorFlow", () => [
    L.dropout({ rate: 0.4, inputShape: image }),
    L.conv2d({ filters: 4, kernelSize: 3 }),
    L.gaussianNoise({ stddev: 0.1 }),
    L.gaussianDropout({ rate: 0.2 }),
    L.alphaDropout({ rate: 0.2 }),
  ]),
  layersCase("batch normalisation", () => [
    L.conv2d({ filters: 4, kernelSize: 3, useBias: false, inputShape: image }),
    L.batchNormalization(),
    L.activation({ activation: "relu" }),
  ]),
  layersCase("layer normalisation", () => [
    L.layerNormalization({ inputShape: image }),
    L.conv2d({ filters: 4, kernelSize: 3 }),
  ]),
  layersCase(
    "a first layer with kernels of its own",
    () => [
      L.conv2d({ filters: 48, kernelSize: 3, activation: "relu", inputShape: [11, 14, 3] }),
      L.maxPooling2d({ poolSize: 2 }),
      L.conv2d({ filters: 4, kernelSize: 3 }),
    ],
    { input: [11, 14, 3] },
  ),
  layersCase("separable and depthwise convolutions", () => [
    L.separableConv2d({ filters: 4, kernelSize: 3, padding: "same", inputShape: image }),
    L.depthwiseConv2d({ kernelSize: 3, activation: "relu6" as "relu" }),
  ]),
  layersCase("transposed convolution and up-sampling", () => [
    L.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, inputShape: image }),
    L.upSampling2d({ size: [2, 2] }),
  ]),
  layersCase("padding, cropping, average pooling", () => [
    L.zeroPadding2d({ padding: 2, inputShape: image }),
    L.cropping2D({
      cropping: [
        [1, 0],
        [0, 1],
      ],
    }),
    L.averagePooling2d({ poolSize: 2 }),
  ]),
  layersCase(
    "1D convolution and global pooling",
    () => [
      L.conv1d({
        filters: 4,
        kernelSize: 3,
        strides: 2,
        activation: "sigmoid",
        inputShape: [12, 3],
      }),
      L.globalMaxPooling1d({}),
    ],
    { input: [12, 3], flatten: false },
  ),
  layersCase("activations", () => [
    L.leakyReLU({ inputShape: image }),
    L.prelu({ sharedAxes: [1, 2] }),
    L.activation({ activation: "selu" }),
    L.activation({ activation: "swish" }),
    L.activation({ activation: "softplus" }),
    L.activation({ activation: "hardSigmoid" }),
  ]),
  layersCase(
    "tiled input",
    () => [L.repeatVector({ n: 4, inputShape: [6] }), L.dense({ units: 3 })],
    { input: [6] },
  ),
  layersCase("permute, reshape and repeat", () => [
    L.permute({ dims: [3, 1, 2], inputShape: image }),
    L.reshape({ targetShape: [20, 10] }),
    L.timeDistributed({ layer: L.dense({ units: 3 }) }),
  ]),
  {
    name: "embedding and bidirectional lstm",
    build: () =>
      compiled(
        tf.sequential({
          layers: [
            L.embedding({ inputDim: 10, outputDim: 4, inputLength: 5 }),
            L.bidirectional({ layer: L.lstm({ units: 3 }) as RNN }),
            L.dense({ units: 5, activation: "softmax" }),
          ],
        }),
        { optimizer: "sgd", ...sparse },
      ),
    inputs: [[5]],
    outputs: ["class"],
    tokens: true,
  },
  layersCase("gru", () => [L.gru({ units: 3, inputShape: [5, 4] })], {
    input: [5, 4],
    flatten: false,
  }),
  layersCase(
    "simple recurrent layer",
    () => [L.simpleRNN({ units: 3, returnSequences: true, inputShape: [5, 4] })],
    { input: [5, 4] },
  ),
  {
    name: "two inputs, two outputs, two losses",
    build: () =>
      compiled(branches(), {
        optimizer: "sgd",
        loss: { kind: "sparseCategoricalCrossentropy", amount: "meanSquaredError" },
        metrics: ["accuracy"],
      }),
    inputs: [[6], [4]],
    outputs: ["class", "number"],
  },
  {
    name: "a nested, frozen base",
    build: () => compiled(nested(), { optimizer: "sgd", ...sparse }),
    inputs: [image],
    outputs: ["class"],
  },
];

/** A batch for a case; equal arguments give equal numbers. The caller disposes it. */
export function batchOf(
  { inputs, outputs, tokens }: Case,
  { size, seed }: { size: number; seed: number },
): { xs: Tensor[]; ys: Tensor[]; size: number } {
  const uniform = (shape: number[], low: number, high: number, offset: number) =>
    hostTensor(tf.randomUniform(shape, low, high, "float32", seed * 100 + offset));
  const xs = inputs.map((shape, i) =>
    tokens
      ? hostTensor(tf.floor(tf.randomUniform([size, ...shape], 0, 10, "float32", seed + i)))
      : uniform([size, ...shape], -1, 1, i),
  );
  const ys = outputs.map((kind, i) => {
    if (kind === "number") return uniform([size, 1], -1, 1, 50 + i);
    const classes = kind === "binary" ? 2 : 5;
    const labels = tf.tidy(() =>
      tf.floor(tf.randomUniform([size], 0, classes, "float32", seed * 7 + i)).toInt(),
    );
    if (kind === "class") return hostTensor(labels);
    const dense = tf.tidy(() =>
      kind === "binary" ? labels.reshape([size, 1]).toFloat() : tf.oneHot(labels, 5).toFloat(),
    );
    labels.dispose();
    return hostTensor(dense);
  });
  return { xs, ys, size };
}

/** The same tensor with its values in JavaScript, as `fit` makes batches. */
function hostTensor(tensor: Tensor): Tensor {
  const copy = tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype);
  tensor.dispose();
  return copy;
}

/** The batch as a runner takes it, while its tensors are there. */
export function onHost({ xs, ys, size }: ReturnType<typeof batchOf>): Batch {
  const host = (tensor: Tensor) => borrowTensor(tensor).host;
  return { xs: xs.map(host), ys: ys.map(host), size };
}
