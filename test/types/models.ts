import {
  applications,
  exportSavedModel,
  getLearningRate,
  gradCam,
  layers,
  loadModel,
  loadWeights,
  losses,
  optimizers,
  saveModel,
  setLearningRate,
  setSeed,
  summary,
  tf,
} from "../../lib/index";
import { inferred, says } from "./says";

declare const model: tf.Sequential;
declare const images: tf.Tensor4D;

says("layers stand in a model beside tfjs' own", () => {
  const augmentation = [
    layers.randomFlip({ mode: "horizontal" }),
    layers.randomRotation({ factor: 0.1 }),
  ];
  return tf.sequential({ layers: [...augmentation, tf.layers.flatten()] });
});

says("a layer gives what it is called on: a symbolic tensor or a tensor", () => {
  const inputs = tf.input({ shape: [180, 180, 3] });
  let x = layers.rescaling({ scale: 1 / 255 }).apply(inputs);
  inferred(x).as<tf.SymbolicTensor>();
  x = tf.layers.conv2d({ filters: 32, kernelSize: 3 }).apply(x);
  x = tf.layers.add().apply([x, x]);
  x = model.apply(x);
  inferred(tf.model({ inputs, outputs: x })).as<tf.LayersModel>();
  inferred(model.apply(images)).as<tf.Tensor>();
  inferred(tf.layers.flatten().apply(images, { training: true })).as<tf.Tensor>();
  const unit = tf.layers.lstm({ units: 2, returnState: true });
  inferred(unit.apply<tf.SymbolicTensor[]>(x)).as<tf.SymbolicTensor[]>();
  inferred(unit.apply<tf.Tensor[]>(images)).as<tf.Tensor[]>();
  const both = tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }) as tf.RNN });
  inferred(both.apply(x)).as<tf.SymbolicTensor>();
  // @ts-expect-error
  tf.layers.flatten().apply("images");
  return tf.sequential({ layers: [both, tf.layers.inputLayer({ inputShape: [2] })] });
});

says("layers know their options, and which of them are needed", () => {
  inferred(layers.dropout({ rate: 0.5 })).as<layers.Dropout>();
  // @ts-expect-error
  layers.dropout();
  // @ts-expect-error
  layers.dropout(0.5);
  // @ts-expect-error
  layers.dropout({ rate: "half" });
  // @ts-expect-error
  layers.randomFlip({ mode: "diagonal" });
  // @ts-expect-error
  layers.randomZoom({ widthFactor: 0.2 });
  // @ts-expect-error
  layers.resizing({ height: 180 });
  // @ts-expect-error
  layers.rescaling({ scale: 1 / 255, offsets: 1 });
});

says("an optimizer's function makes the class of its name, and compile takes it", () => {
  inferred(optimizers.rmsprop()).as<optimizers.RMSprop>();
  inferred(optimizers.adamW({ weightDecay: 0.01 })).as<optimizers.AdamW>();
  model.compile({ optimizer: optimizers.sgd({ momentum: 0.9 }), loss: "meanSquaredError" });
});

says("optimizers know their options, each its own", () => [
  // @ts-expect-error
  optimizers.adam(0.001),
  // @ts-expect-error
  optimizers.adam({ learning_rate: 0.001 }),
  // @ts-expect-error
  optimizers.adam({ momentum: 0.9 }),
  // @ts-expect-error
  optimizers.sgd({ rho: 0.9 }),
  // @ts-expect-error
  optimizers.rmsprop({ centered: "yes" }),
  // @ts-expect-error
  optimizers.yogi(),
]);

says("a loss with settings is a loss that compile takes", () => {
  model.compile({ optimizer: "sgd", loss: losses.binaryCrossentropy({ fromLogits: true }) });
  // @ts-expect-error
  losses.binaryCrossentropy({ from_logits: true });
  // @ts-expect-error
  losses.binaryCrossentropy({ labelSmoothing: "0.1" });
});

says("the learning rate and the seed are numbers", () => {
  inferred(getLearningRate(model)).as<number>();
  setLearningRate(model, 0.01);
  // @ts-expect-error
  setLearningRate(model, "0.01");
  // @ts-expect-error
  setSeed("1");
});

says("a model is saved under a path, and loaded as a LayersModel", async () => {
  inferred(await saveModel(model, "model.keras")).as<void>();
  inferred(await loadModel("model.keras")).as<tf.LayersModel>();
  // @ts-expect-error
  saveModel("model.keras", model);
  // @ts-expect-error
  saveModel(model, "model.keras", { include_optimizer: false });
  // @ts-expect-error
  loadModel("model.keras", { custom_objects: {} });
  // @ts-expect-error
  loadWeights("model.weights.h5");
  // @ts-expect-error
  exportSavedModel(model);
});

says("a network comes with its weights or without", async () => {
  inferred(await applications.vgg16({ weights: null, includeTop: false })).as<tf.LayersModel>();
  // @ts-expect-error
  applications.vgg16({ pooling: "average" });
  // @ts-expect-error
  applications.mobileNetV2({ alpha: "1.0" });
});

says("what a network looks at is a map of one image", () => {
  inferred(gradCam(model, images)).as<tf.Tensor2D>();
  // @ts-expect-error
  gradCam(model);
  // @ts-expect-error
  gradCam(model, images, { layer: 3 });
  // @ts-expect-error
  summary(model, { lines: 80 });
});
