/** The workloads of the benchmark on this library; worker.py has the same in Keras. */
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { build } from "./build";
import { firstSteps } from "./firstSteps";
import { picturesFolder } from "./folders";
import { augmentation, mobileBase, pictureModel, vggTrunk } from "./models";
import { networks } from "./networks";
import { convolutions, engineOf, type Mode, pictureShape, type Workload } from "./parts";
import { servings } from "./servings";

const { applications, evaluate, fit, imageDatasetFromDirectory, layers } = build;
const { optimizers, predict, setSeed, tf } = build;

function digitModel(): LayersModel {
  const inputs = tf.input({ shape: [28, 28, 1] });
  const x = convolutions(inputs, [32, 64, 128]);
  const outputs = tf.layers.dense({ units: 10, activation: "softmax" }).apply(x) as SymbolicTensor;
  const model = tf.model({ inputs, outputs });
  const loss = "sparseCategoricalCrossentropy";
  model.compile({ optimizer: "rmsprop", loss, metrics: ["accuracy"] });
  return model;
}

/** So small that what is around the steps is what takes the time. */
function tinyModel(stepsPerExecution: 1 | "auto"): LayersModel {
  const inputs = tf.input({ shape: [16, 16, 1] });
  const x = convolutions(inputs, [8]);
  const outputs = tf.layers.dense({ units: 10, activation: "softmax" }).apply(x) as SymbolicTensor;
  const model = tf.model({ inputs, outputs });
  const loss = "sparseCategoricalCrossentropy";
  model.compile({ optimizer: "rmsprop", loss, metrics: ["accuracy"], stepsPerExecution });
  return model;
}

async function fineTunedModel(): Promise<LayersModel> {
  const trunk = await vggTrunk();
  for (const layer of trunk.layers) layer.trainable = layer.name.startsWith("block5");
  const inputs = tf.input({ shape: pictureShape });
  const x = tf.layers.flatten().apply(trunk.apply(inputs)) as SymbolicTensor;
  return classifierOn(x, inputs);
}

/** The chapter's augmentation before a base that stays as it is. */
async function frozenModel(): Promise<LayersModel> {
  const base = await mobileBase();
  base.trainable = false;
  const inputs = tf.input({ shape: pictureShape });
  const x = augmentation().apply(inputs) as SymbolicTensor;
  const features = base.apply(applications.mobileNetV2.preprocessInput(x)) as SymbolicTensor;
  return classifierOn(tf.layers.flatten().apply(features) as SymbolicTensor, inputs);
}

function classifierOn(features: SymbolicTensor, inputs: SymbolicTensor): LayersModel {
  let x = tf.layers.dense({ units: 256 }).apply(features) as SymbolicTensor;
  x = layers.dropout({ rate: 0.5 }).apply(x) as SymbolicTensor;
  const outputs = tf.layers.dense({ units: 1, activation: "sigmoid" }).apply(x) as SymbolicTensor;
  const model = tf.model({ inputs, outputs });
  const optimizer = optimizers.rmsprop({ learningRate: 1e-5 });
  model.compile({ optimizer, loss: "binaryCrossentropy", metrics: ["accuracy"] });
  return model;
}

function digitData(count: number, size = 28): [Tensor, Tensor] {
  const length = count * size ** 2;
  const images = Float32Array.from({ length }, (_, i) => ((i * 7919) % 256) / 255);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  return [tf.tensor(images, [count, size, size, 1]), tf.tensor(labels, [count], "int32")];
}

function pictureData(count: number): [Tensor, Tensor] {
  const size = 180 * 180 * 3;
  const images = Float32Array.from({ length: count * size }, (_, i) => (i * 7919) % 256);
  const labels = Float32Array.from({ length: count }, (_, i) => i % 2);
  return [tf.tensor(images, [count, 180, 180, 3]), tf.tensor(labels, [count, 1])];
}

function training(
  model: LayersModel,
  data: [Tensor, Tensor],
  options: { batchSize: number; mode: Mode },
): Workload {
  const { batchSize, mode } = options;
  return async () => {
    await fit(model, data, { batchSize, epochs: 1, ...engineOf(mode) });
    return data[0].shape[0]! / batchSize;
  };
}

function features(model: LayersModel, images: Tensor, mode: Mode): Workload {
  return async () => {
    tf.dispose(await predict(model, images, { batchSize: 32, ...engineOf(mode) }));
    return images.shape[0]!;
  };
}

/** Every workload by name; `scale` times as many pictures as is usual. */
export const workloads: Record<string, (mode: Mode, scale: number) => Promise<Workload>> = {
  mnist: async (mode, scale) => {
    setSeed(1);
    return training(digitModel(), digitData(12_800 * scale), { batchSize: 64, mode });
  },
  pictures: async (mode, scale) => {
    setSeed(1);
    const model = pictureModel({ augmented: false });
    return training(model, pictureData(320 * scale), { batchSize: 32, mode });
  },
  augmented: async (mode, scale) => {
    setSeed(1);
    return training(pictureModel({ augmented: true }), pictureData(320 * scale), {
      batchSize: 32,
      mode,
    });
  },
  features: async (mode, scale) => features(await vggTrunk(), pictureData(64 * scale)[0], mode),
  mobile: async (mode, scale) => features(await mobileBase(), pictureData(320 * scale)[0], mode),
  single: async (mode) => {
    const model = await mobileBase();
    const [image] = pictureData(1);
    return async () => {
      for (let call = 0; call < 20; call++) {
        tf.dispose(await predict(model, image, { verbose: 0, ...engineOf(mode) }));
      }
      return 20;
    };
  },
  finetune: async (mode, scale) => {
    setSeed(1);
    return training(await fineTunedModel(), pictureData(64 * scale), { batchSize: 32, mode });
  },
  frozen: async (mode, scale) => {
    setSeed(1);
    return training(await frozenModel(), pictureData(320 * scale), { batchSize: 32, mode });
  },
  evaluate: async (mode, scale) => {
    const model = pictureModel({ augmented: false });
    const data = pictureData(320 * scale);
    return async () => {
      await evaluate(model, data, { batchSize: 32, ...engineOf(mode) });
      return 10 * scale;
    };
  },
  tiny: async (mode, scale) => {
    setSeed(1);
    const model = tinyModel(mode === "many" ? "auto" : 1);
    return training(model, digitData(16_000 * scale, 16), { batchSize: 8, mode });
  },
  ...firstSteps,
  ...servings,
  ...networks,
  cached: async (mode) => {
    setSeed(1);
    const model = pictureModel({ augmented: false });
    const dataset = await imageDatasetFromDirectory(picturesFolder, {
      imageSize: [180, 180],
      batchSize: 32,
      labelMode: "binary",
      validationSplit: 0.84,
      subset: "training",
      seed: 1,
      cache: true,
      ...(mode === "cached-fixed" && { cacheDtype: "float32", reshuffleEachIteration: false }),
    });
    return async () => {
      await fit(model, dataset, { ...engineOf(mode) });
      return dataset.size;
    };
  },
  data: async (mode) => {
    const dataset = await imageDatasetFromDirectory(picturesFolder, {
      imageSize: [180, 180],
      batchSize: 32,
      cache: mode.startsWith("cached"),
      ...(mode === "cached-fixed" && { cacheDtype: "float32", reshuffleEachIteration: false }),
    });
    return async () => {
      let images = 0;
      await dataset.forEachAsync((batch) => {
        images += batch.xs.shape[0]!;
        tf.dispose(batch);
      });
      return images;
    };
  },
};
