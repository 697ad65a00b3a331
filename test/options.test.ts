import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import * as convnets from "../lib/index";
import { temporaryFolder } from "./support/temporaryFolder";

const { applications, callbacks, datasets, layers, losses, optimizers, plot, tf } = convnets;

/** What no option can be. */
const impossible = [Number.NaN, Symbol("wrong")];

/** What no options can be. */
const noOptions = [null, 5, "quiet", ["epochs"]];

/** A public function with everything right but the options that come. */
type Call = (options: never) => unknown;

describe("a public function's options", () => {
  const folder = temporaryFolder();
  let model: LayersModel;
  let tensors: Tensor[];

  before(() => {
    model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 3] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, activation: "softmax" }),
      ],
    });
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    tensors = [tf.zeros([2, 8, 8, 3]), tf.zeros([2]), tf.zeros([8, 8, 3]), tf.zeros([1, 1000])];
    mkdirSync(folder.join("pictures/cats"), { recursive: true });
    writeFileSync(folder.join("pictures/cats/1.png"), "");
  });

  after(() => {
    model.dispose();
    tf.dispose(tensors);
    folder[Symbol.dispose]();
  });

  const x = () => tensors[0]!;
  const image = () => tensors[2]!;
  const data = (): [Tensor, Tensor] => [x(), tensors[1]!];
  const calls: Record<string, Call> = {
    fit: (options) => convnets.fit(model, data(), options),
    evaluate: (options) => convnets.evaluate(model, data(), options),
    predict: (options) => convnets.predict(model, x(), options),
    summary: (options) => convnets.summary(model, options),
    gradCam: (options) => convnets.gradCam(model, image(), options),
    filterPatterns: (options) => convnets.filterPatterns(model, model.layers[0]!.name, options),
    saveModel: (options) => convnets.saveModel(model, folder.join("m.keras"), options),
    saveWeights: (options) => convnets.saveWeights(model, folder.join("m.weights.h5"), options),
    loadModel: (options) => convnets.loadModel(folder.join("m.keras"), options),
    loadWeights: (options) => convnets.loadWeights(model, folder.join("m.weights.h5"), options),
    imageDatasetFromDirectory: (options) =>
      convnets.imageDatasetFromDirectory(folder.join("pictures"), options),
    makeSubset: (options) => convnets.makeSubset(options),
    unzip: (options) => convnets.unzip(folder.join("x.zip"), options),
    downloadFile: (options) => convnets.downloadFile("http://127.0.0.1:9/x", options),
    "gdown.download": (options) => convnets.gdown.download(options),
    "kaggle.downloadCompetition": (options) =>
      convnets.kaggle.downloadCompetition("dogs-vs-cats", options),
    "mnist.loadData": (options) => datasets.mnist.loadData(options),
    "dogsVsCats.prepare": (options) => datasets.dogsVsCats.prepare(options),
    vgg16: (options) => applications.vgg16(options),
    mobileNetV2: (options) => applications.mobileNetV2(options),
    resNet50: (options) => applications.resNet50(options),
    mobileNet: (options) => applications.mobileNet(options),
    mobileNetV3Small: (options) => applications.mobileNetV3Small(options),
    efficientNetB0: (options) => applications.efficientNetB0(options),
    efficientNetV2B0: (options) => applications.efficientNetV2B0(options),
    convNeXtTiny: (options) => applications.convNeXtTiny(options),
    decodePredictions: (options) =>
      applications.vgg16.decodePredictions(tensors[3] as never, options),
    "plot.history": (options) => plot.history({ history: { loss: [1, 2] } }, options),
    "plot.confusionMatrix": (options) => plot.confusionMatrix([0, 1], [0, 1], options),
    "plot.featureMaps": (options) => plot.featureMaps(model, image(), options),
    "plot.filters": (options) => plot.filters(model.layers[0]! as never, options),
    "plot.heatmapOverlay": (options) => plot.heatmapOverlay(x(), [], options),
    "plot.model": (options) => plot.model(model, options),
    "plot.images": (options) => plot.images(x(), options),
    "plot.line": (options) => plot.line([1, 2], options),
    "plot.scatter": (options) => plot.scatter([1, 2], options),
    "plot.bar": (options) => plot.bar([1, 2], options),
    "plot.histogram": (options) => plot.histogram([1, 2], options),
    "plot.figure": (options) => plot.figure({ data: [], layout: {} }, options),
    "plot.openLivePlot": (options) => plot.openLivePlot(options),
    showImages: (options) => convnets.showImages(x(), options),
    showImage: (options) => convnets.showImage(image(), options),
    modelCheckpoint: (options) => callbacks.modelCheckpoint(options),
    earlyStopping: (options) => callbacks.earlyStopping(options),
    reduceLROnPlateau: (options) => callbacks.reduceLROnPlateau(options),
    learningRateScheduler: (options) => callbacks.learningRateScheduler(() => 1, options),
    csvLogger: (options) => callbacks.csvLogger("x.csv", options),
    tensorBoard: (options) => callbacks.tensorBoard(options),
    backupAndRestore: (options) => callbacks.backupAndRestore(options),
    "losses.sparseCategoricalCrossentropy": (options) =>
      losses.sparseCategoricalCrossentropy(options),
    "losses.binaryCrossentropy": (options) => losses.binaryCrossentropy(options),
    "layers.rescaling": (options) => layers.rescaling(options),
    "layers.randomFlip": (options) => layers.randomFlip(options),
    "layers.resizing": (options) => layers.resizing(options),
    "layers.normalization": (options) => layers.normalization(options),
    "optimizers.adam": (options) => optimizers.adam(options),
    "optimizers.sgd": (options) => optimizers.sgd(options),
    "optimizers.rmsprop": (options) => optimizers.rmsprop(options),
    shapes: (options) => convnets.shapes(tf.data.array([1]) as never, options),
    displayBundle: (options) => convnets.displayBundle({ "text/plain": "" }, options),
    "openDisplay().show": (options) => convnets.openDisplay().show({ "text/plain": "" }, options),
  };

  /** What is right where an option can't be left out. */
  const needed: Record<string, object> = {
    makeSubset: { from: "pictures", into: "subset", subsets: { train: [0, 1] } },
    "gdown.download": { id: "x" },
    modelCheckpoint: { filepath: "x.keras" },
    backupAndRestore: { backupDir: "backup" },
    "layers.rescaling": { scale: 1 },
    "layers.resizing": { height: 8, width: 8 },
  };

  const callWith = async (name: string, options: unknown): Promise<unknown> =>
    calls[name]!(options as never);

  for (const name of Object.keys(calls)) {
    it(`are refused by name, and nothing is left: ${name}`, async () => {
      let known: string[] = [];
      await assert.rejects(callWith(name, { nonsense: 1 }), (error: Error) => {
        known = /Allowed: (.+)\. Received: nonsense=1$/.exec(error.message)?.[1]?.split(", ") ?? [];
        return error instanceof convnets.InvalidArgumentError && known.length > 0;
      });
      const tensorsBefore = tf.memory().numTensors;
      const filesBefore = readdirSync(folder.path);
      for (const option of known) {
        for (const value of impossible) {
          await assert.rejects(
            callWith(name, { ...needed[name], [option]: value }),
            (error: Error) => {
              assert.ok(error instanceof convnets.InvalidArgumentError, `${option}: ${error}`);
              assert.ok(error.message.includes(option), `${option}: ${error.message}`);
              assert.match(error.message, /Received: .*(NaN|wrong)/);
              return true;
            },
            `${option}: ${String(value)} passes`,
          );
        }
      }
      for (const options of noOptions) {
        await assert.rejects(callWith(name, options), /takes its options as an object/);
      }
      assert.equal(tf.memory().numTensors, tensorsBefore);
      assert.deepEqual(readdirSync(folder.path), filesBefore);
    });
  }

  for (const [name, option] of [
    ["filterPatterns", "steps"],
    ["filterPatterns", "size"],
    ["vgg16", "classes"],
    ["vgg16", "inputShape"],
    ["mobileNetV2", "classes"],
    ["fit", "epochs"],
    ["imageDatasetFromDirectory", "imageSize"],
    ["imageDatasetFromDirectory", "prefetch"],
    ["plot.images", "columns"],
    ["shapes", "count"],
  ] as const) {
    it(`are refused where they would have no end: ${name}, ${option}`, async () => {
      const value = option === "inputShape" ? [1e308, 1e308, 3] : 1e308;
      await assert.rejects(
        callWith(name, { [option]: value }),
        (error: Error) =>
          error instanceof convnets.InvalidArgumentError &&
          error.message.startsWith(`\`${option}\` must be`),
      );
    });
  }
});
