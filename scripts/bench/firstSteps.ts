/** The first step of `fit`: tracing, compilation and the run itself. worker.py has the same in Keras. */
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { build } from "./build";
import { convolutions, engineOf, type Mode, pictureShape, type Workload } from "./parts";

const { fit, layers, tf } = build;

function binaryData(shape: [number, number, number, number]): [Tensor, Tensor] {
  const length = shape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length }, (_, i) => ((i * 7919) % 256) / 255);
  const labels = Float32Array.from({ length: shape[0] }, (_, i) => i % 2);
  return [tf.tensor(values, shape), tf.tensor(labels, [shape[0], 1])];
}

/**
 * The first step of a model that is new each time, and of a graph that nobody has seen: the layer before the last has
 * another width.
 */
function firstStep(
  make: (width: number) => LayersModel,
  data: [Tensor, Tensor],
  mode: Mode,
): Workload {
  let width = 16;
  let model: LayersModel | undefined;
  const workload: Workload = async () => {
    await fit(model!, data, { batchSize: data[0].shape[0]!, verbose: 0, ...engineOf(mode) });
    return 1;
  };
  workload.before = async () => {
    model?.dispose();
    model = make(width++);
  };
  return workload;
}

/** Ends a network with a layer of that width and one probability. */
function binaryOn(x: SymbolicTensor, inputs: SymbolicTensor, width: number): LayersModel {
  const hidden = tf.layers.dense({ units: width, activation: "relu" }).apply(x);
  const outputs = tf.layers.dense({ units: 1, activation: "sigmoid" }).apply(hidden);
  const model = tf.model({ inputs, outputs: outputs as SymbolicTensor });
  model.compile({ optimizer: "rmsprop", loss: "binaryCrossentropy", metrics: ["accuracy"] });
  return model;
}

const largeShape: [number, number, number] = [224, 224, 3];

interface Convolution {
  filters: number;
  kernelSize: number;
  strides?: number;
  relu?: boolean;
}

function normalizedConvolution(
  x: SymbolicTensor,
  { filters, kernelSize, strides = 1, relu = true }: Convolution,
): SymbolicTensor {
  const padding = "same";
  x = tf.layers.conv2d({ filters, kernelSize, strides, padding }).apply(x) as SymbolicTensor;
  x = tf.layers.batchNormalization({}).apply(x) as SymbolicTensor;
  return relu ? (tf.layers.activation({ activation: "relu" }).apply(x) as SymbolicTensor) : x;
}

/** Four blocks at the full size of ImageNet's pictures. */
function normalizedModel(width: number): LayersModel {
  const inputs = tf.input({ shape: largeShape });
  let x = inputs;
  for (let block = 0; block < 4; block++) {
    x = normalizedConvolution(x, { filters: 32, kernelSize: 3 });
  }
  return binaryOn(averaged(x), inputs, width);
}

function averaged(x: SymbolicTensor): SymbolicTensor {
  return tf.layers.globalAveragePooling2d({}).apply(x) as SymbolicTensor;
}

/** ResNet50 as a base that stays as it is. */
function residualModel(width: number): LayersModel {
  const picture = tf.input({ shape: largeShape });
  let x = normalizedConvolution(picture, { filters: 64, kernelSize: 7, strides: 2 });
  const pooling = { poolSize: 3, strides: 2, padding: "same" } as const;
  x = tf.layers.maxPooling2d(pooling).apply(x) as SymbolicTensor;
  for (const [filters, blocks] of [
    [64, 3],
    [128, 4],
    [256, 6],
    [512, 3],
  ] as const) {
    for (let block = 0; block < blocks; block++) x = residualBlock(x, filters, block === 0);
  }
  const base = tf.model({ inputs: picture, outputs: averaged(x) });
  base.trainable = false;
  const inputs = tf.input({ shape: largeShape });
  return binaryOn(base.apply(inputs) as SymbolicTensor, inputs, width);
}

function residualBlock(x: SymbolicTensor, filters: number, isFirst: boolean): SymbolicTensor {
  const strides = isFirst && filters > 64 ? 2 : 1;
  const shortcut = isFirst
    ? normalizedConvolution(x, { filters: 4 * filters, kernelSize: 1, strides, relu: false })
    : x;
  let y = normalizedConvolution(x, { filters, kernelSize: 1, strides });
  y = normalizedConvolution(y, { filters, kernelSize: 3 });
  y = normalizedConvolution(y, { filters: 4 * filters, kernelSize: 1, relu: false });
  const sum = tf.layers.add().apply([shortcut, y]);
  return tf.layers.activation({ activation: "relu" }).apply(sum) as SymbolicTensor;
}

/** By name. */
export const firstSteps: Record<string, (mode: Mode) => Promise<Workload>> = {
  "start-mnist": async (mode) => {
    const make = (width: number) => {
      const inputs = tf.input({ shape: [28, 28, 1] });
      return binaryOn(convolutions(inputs, [32, 64, 128]), inputs, width);
    };
    return firstStep(make, binaryData([64, 28, 28, 1]), mode);
  },
  "start-pictures": async (mode) => {
    const make = (width: number) => {
      const inputs = tf.input({ shape: pictureShape });
      const x = layers.rescaling({ scale: 1 / 255 }).apply(inputs) as SymbolicTensor;
      return binaryOn(convolutions(x, [32, 64, 128, 256, 256]), inputs, width);
    };
    return firstStep(make, binaryData([32, ...pictureShape]), mode);
  },
  "start-normalized": async (mode) =>
    firstStep(normalizedModel, binaryData([8, ...largeShape]), mode),
  "start-residual": async (mode) => firstStep(residualModel, binaryData([8, ...largeShape]), mode),
};
