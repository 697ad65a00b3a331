/** What the benchmark measures. */

import { prepareKerasFile } from "./kerasFiles";
import { prepareOnnx } from "./onnxInstall";
import { preparePictures } from "./pictures";
import type { SideName } from "./side";

export interface Case {
  title: string;
  unit: string;
  workload: string;
  sides: SideName[];
  /** Labels of two sides that do the same, besides each with the first. */
  pairs?: [label: string, base: string][];
  /** What must be there before the sides start. */
  prepare?: () => Promise<void>;
}

const ours = (...modes: string[]): SideName[] =>
  modes.map((mode) => ({ label: mode === "graph" ? "convnets" : `convnets ${mode}`, mode }));
const keras: SideName = { label: "Keras", mode: "keras" };
const kerasLow: SideName = { label: "Keras mixed_bfloat16", mode: "keras-bfloat16" };

/** The first step of a new model, tracing and compilation included. */
const start = (workload: string, model: string): Case => ({
  title: `first step of fit: ${model}`,
  unit: "ms",
  workload,
  sides: [keras, ...ours("graph", "eager")],
});

/** Predictions of a trained model, as a server makes them. */
const serving = (workload: string, model: string): Case => ({
  title: `predict, ${model}`,
  unit: "ms/call",
  workload,
  prepare: prepareOnnx,
  sides: [keras, ...ours("graph", "bfloat16"), { label: "onnxruntime-node", mode: "onnx" }],
  pairs: [["convnets", "onnxruntime-node"]],
});

/** What is read from a file that Keras wrote. */
const fromFile = (workload: string, network: string, rest: Pick<Case, "title" | "unit">): Case => ({
  ...rest,
  workload,
  prepare: () => prepareKerasFile(network),
  sides: [keras, ...ours("graph")],
});

const reading = (workload: string, network: string): Case =>
  fromFile(workload, network, { title: `loadModel: ${network} from Keras' file`, unit: "ms" });

const warm = (workload: string, network: string): Case =>
  fromFile(workload, network, {
    title: `predict, ${network} at 224×224, one picture a call`,
    unit: "ms/call",
  });

/** Cases by name; `scripts/commands/forTests.mjs` has their names too, for command lines. */
export const cases: Record<string, Case> = {
  mnist: {
    title: "MNIST convnet, batch 64, whole fit",
    unit: "ms/step",
    workload: "mnist",
    sides: [keras, ...ours("graph", "bfloat16", "eager"), kerasLow],
  },
  pictures: {
    title: "180×180 convnet, batch 32, whole fit",
    unit: "ms/step",
    workload: "pictures",
    sides: [keras, ...ours("graph", "bfloat16", "eager"), kerasLow],
  },
  augmented: {
    title: "the same with augmentation and dropout",
    unit: "ms/step",
    workload: "augmented",
    sides: [keras, ...ours("graph", "bfloat16")],
  },
  features: {
    title: "VGG16 features, 180×180",
    unit: "ms/image",
    workload: "features",
    sides: [keras, ...ours("graph", "bfloat16", "eager"), kerasLow],
  },
  mobile: {
    title: "MobileNetV2 features, 180×180",
    unit: "ms/image",
    workload: "mobile",
    sides: [keras, ...ours("graph", "bfloat16", "eager")],
  },
  single: {
    title: "MobileNetV2 features, 180×180, one picture a call",
    unit: "ms/call",
    workload: "single",
    sides: [keras, ...ours("graph", "eager")],
  },
  finetune: {
    title: "fine-tuning VGG16's last block, batch 32",
    unit: "ms/step",
    workload: "finetune",
    sides: [keras, ...ours("graph", "bfloat16")],
  },
  frozen: {
    title: "augmentation and a frozen MobileNetV2, batch 32",
    unit: "ms/step",
    workload: "frozen",
    sides: [keras, ...ours("graph", "bfloat16")],
  },
  evaluate: {
    title: "evaluate, 180×180 convnet, batch 32",
    unit: "ms/step",
    workload: "evaluate",
    sides: [keras, ...ours("graph", "bfloat16", "eager")],
  },
  tiny: {
    title: "tiny convnet: 8 filters, 16×16, batch 8, 2,000 steps, whole fit",
    unit: "ms/step",
    workload: "tiny",
    sides: [keras, ...ours("graph"), { label: 'convnets stepsPerExecution: "auto"', mode: "many" }],
  },
  "start-mnist": start("start-mnist", "MNIST's convolutions, batch 64"),
  "start-pictures": start("start-pictures", "180×180 convnet, batch 32"),
  "start-normalized": start(
    "start-normalized",
    "four blocks with batch normalisation, 224×224, batch 8",
  ),
  "start-residual": start("start-residual", "frozen ResNet50, 224×224, batch 8"),
  "serving-pictures": serving("serving-pictures", "180×180 convnet, one picture a call"),
  "serving-pictures-32": serving("serving-pictures-32", "180×180 convnet, 32 pictures a call"),
  "serving-mobile": serving("serving-mobile", "MobileNetV2 at 180×180, one picture a call"),
  "serving-mobile-32": serving("serving-mobile-32", "MobileNetV2 at 180×180, 32 pictures a call"),
  "serving-vgg": serving("serving-vgg", "VGG16's base at 180×180, one picture a call"),
  "serving-vgg-32": serving("serving-vgg-32", "VGG16's base at 180×180, 32 pictures a call"),
  residual: {
    title: "training ResNet50, 224×224, batch 8, whole fit",
    unit: "ms/step",
    workload: "residual",
    sides: [keras, ...ours("graph")],
  },
  efficient: {
    title: "training EfficientNetB0, 224×224, batch 8, whole fit",
    unit: "ms/step",
    workload: "efficient",
    sides: [keras, ...ours("graph")],
  },
  gan: {
    title: "a GAN's two optimizers, batch 32: compiled(fn) beside tf.function",
    unit: "ms/step",
    workload: "gan",
    sides: [keras, ...ours("graph", "eager")],
    pairs: [["convnets", "convnets eager"]],
  },
  "load-residual": reading("load-residual", "ResNet50"),
  "load-vgg": reading("load-vgg", "VGG16"),
  "predict-residual": warm("predict-residual", "ResNet50"),
  "predict-dense": warm("predict-dense", "DenseNet121"),
  "predict-nasnet": warm("predict-nasnet", "NASNetMobile"),
  cached: {
    title: "180×180 convnet from a cached image dataset, batch 32, whole fit",
    unit: "ms/step",
    workload: "cached",
    prepare: preparePictures,
    sides: [
      keras,
      { label: "convnets", mode: "cached" },
      { label: "convnets fixed order", mode: "cached-fixed" },
    ],
  },
  data: {
    title: "loading 2,000 JPEG files, 180×180, batch 32, whole epoch",
    unit: "ms/image",
    workload: "data",
    prepare: preparePictures,
    sides: [
      keras,
      ...ours("graph"),
      { label: "Keras .cache()", mode: "keras-cached" },
      { label: "convnets cache, fixed order", mode: "cached-fixed" },
      { label: "Keras .cache().shuffle().batch()", mode: "keras-reshuffled" },
      { label: "convnets cache", mode: "cached" },
    ],
    pairs: [
      ["convnets cache, fixed order", "Keras .cache()"],
      ["convnets cache", "Keras .cache().shuffle().batch()"],
    ],
  },
};
