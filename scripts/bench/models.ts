/** Models that several workloads run. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { build } from "./build";
import { convolutions, pictureShape } from "./parts";

const { applications, layers, tf } = build;

/** The chapter's. */
export function augmentation(): LayersModel {
  return tf.sequential({
    layers: [
      layers.randomFlip({ mode: "horizontal", inputShape: pictureShape }),
      layers.randomRotation({ factor: 0.1 }),
      layers.randomZoom({ heightFactor: 0.2 }),
    ],
  });
}

/** The chapter's convnet for cats and dogs. */
export function pictureModel({ augmented }: { augmented: boolean }): LayersModel {
  const inputs = tf.input({ shape: pictureShape });
  let x = inputs;
  if (augmented) {
    x = augmentation().apply(x) as SymbolicTensor;
  }
  x = layers.rescaling({ scale: 1 / 255 }).apply(x) as SymbolicTensor;
  x = convolutions(x, [32, 64, 128, 256, 256]);
  if (augmented) x = layers.dropout({ rate: 0.5 }).apply(x) as SymbolicTensor;
  const outputs = tf.layers.dense({ units: 1, activation: "sigmoid" }).apply(x) as SymbolicTensor;
  const model = tf.model({ inputs, outputs });
  model.compile({ optimizer: "rmsprop", loss: "binaryCrossentropy", metrics: ["accuracy"] });
  return model;
}

const headless = { weights: null, includeTop: false, inputShape: pictureShape };

/** Time does not depend on the weights' values. */
export const vggTrunk = () => applications.vgg16(headless);
export const mobileBase = () => applications.mobileNetV2(headless);
