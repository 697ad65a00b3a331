/** What a pretrained model sees in a dataset, computed once. */

import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkFunction, checkText, type KnownOptions, rejectUnknownOptions } from "../../checks";
import type { RunnerOptions, StepRunner } from "../../compiled";
import { createRunner } from "../../compiled";
import { InvalidArgumentError, invalidArgument } from "../../errors";
import { hashOf } from "../../files";
import { internals, tf } from "../../tfjs";
import { type BatchDataset, isDataset, isKnownDataset } from "../batches";
import { checkRunnerOptions } from "../evaluate";
import { hashArchitecture, hashWeights } from "../identity";
import { Interruption, yieldToEventLoop } from "../interruption";
import { finalText, openProgressLine, Progress, showText, type Verbosity } from "../progress";
import { FeatureFile, type StoredFeatures } from "./featureFile";
import { Rows, toTensor } from "./rows";
import type { StoredDtype } from "./safetensors";

/** Options of `extractFeatures`. */
export interface ExtractFeaturesOptions {
  /** What each batch of images goes through before the model; what it makes on the way is freed. @default nothing */
  preprocess?: (images: Tensor) => Tensor;
  /** Folder for the features, made when missing; the same features are then computed once. @default none */
  cacheDir?: string;
  /** `"auto"` and 1: a live progress line; 2: one line at the end; 0: nothing. @default "auto" */
  verbose?: Verbosity;
  /** What runs the model; `"auto"` takes the fastest that can. @default "auto" */
  engine?: RunnerOptions["engine"];
  /** Arithmetic inside the model. @default "float32" */
  precision?: RunnerOptions["precision"];
}

/** The outputs of a model for a dataset, with the labels. */
export interface ExtractedFeatures {
  /** float32 [samples, …], in the order of the dataset's pass. The caller disposes it. */
  features: Tensor;
  /** [samples, …], as the dataset gives them. The caller disposes it. */
  labels: Tensor;
  /** How long computing them took; of a run that was cut off and went on, its last part. */
  seconds: number;
}

/**
 * Runs a model over a dataset and keeps its outputs, to train a classifier on them.
 *
 * With `cacheDir` they are kept in a safetensors file that is named by everything they follow from: the bytes of the
 * image files, the dataset's options, the model's layers and weights, the preprocessing (its name, source text and own
 * properties; what it captures is not seen) and the precision. The same call then reads them and says so, and a run
 * that was cut off goes on after its last batch. A file that is damaged is computed anew. Of a dataset that shuffles,
 * the order is that of the pass in which they were computed.
 *
 * Takes the memory of the features and of a few batches.
 *
 * @param model A model with one input and one output, such as VGG16 without its top. It need not be compiled.
 * @param dataset Batches `{ xs, ys }`; with `cacheDir`, of `imageDatasetFromDirectory`.
 * @throws InvalidArgumentError for anything else; InterruptedError when stopped.
 * @returns The features and labels; the caller disposes both.
 * @example
 * import { applications, extractFeatures, imageDatasetFromDirectory } from "convnets";
 * const base = await applications.vgg16({ includeTop: false, inputShape: [180, 180, 3] });
 * const images = await imageDatasetFromDirectory("cats_vs_dogs_small/train", { imageSize: 180 });
 * const { features, labels } = await extractFeatures(base, images, {
 *   preprocess: applications.vgg16.preprocessInput,
 *   cacheDir: "data/features",
 * });
 * @see Chollet, "Deep Learning with Python", 2nd edition, section 8.3.1
 */
export async function extractFeatures(
  model: LayersModel,
  dataset: BatchDataset,
  options: ExtractFeaturesOptions = {},
): Promise<ExtractedFeatures> {
  checkArguments(model, dataset, options);
  const { cacheDir, verbose = "auto" } = options;
  if (cacheDir === undefined) return toTensors(await compute(model, dataset, { options }));
  const file = new FeatureFile(cacheDir, await keyOf(model, dataset, options));
  const kept = await file.read();
  if (kept === undefined) return toTensors(await compute(model, dataset, { options, file }));
  const line = openProgressLine(verbose);
  const say = (text: string) => showText(text, { verbose, line });
  if (kept === "damaged") {
    say(`Features are computed anew: ${file.name} is damaged.`);
    line?.finish();
    return toTensors(await compute(model, dataset, { options, file }));
  }
  const count = kept.features.shape[0]!.toLocaleString("en");
  say(`Restored ${count} features from ${file.name}; delete that file to compute them again.`);
  say(finalText(verbose, kept.work, []));
  line?.finish();
  if (isKnownDataset(dataset)) dataset.passes++; // as if they had been computed now
  return toTensors(kept);
}

async function compute(
  model: LayersModel,
  dataset: BatchDataset,
  { options, file }: { options: ExtractFeaturesOptions; file?: FeatureFile },
): Promise<StoredFeatures> {
  const { preprocess, verbose = "auto", engine = "auto", precision = "float32" } = options;
  const batches = Number.isFinite(dataset.size) && dataset.size > 0 ? dataset.size : undefined;
  const runner = createRunner(model, { engine, precision, mode: "predict" });
  const interruption = new Interruption();
  const line = openProgressLine(verbose);
  const progress = new Progress(verbose, batches, line);
  const counter = isKnownDataset(dataset) ? dataset : undefined;
  const passes = counter?.passes ?? 0;
  const features = new Rows(batches);
  const labels = new Rows(batches);
  let done = 0;
  try {
    if (counter !== undefined && file !== undefined) {
      counter.passes = (await file.open(passes)).pass;
    }
    const left = await file?.rowsLeft();
    if (left) {
      const text = `Restored ${left.toLocaleString("en")} features from ${file!.name}.part; the others follow.`;
      showText(text, { verbose, line });
    }
    const iterator = await dataset.iterator();
    for (;;) {
      interruption.check(() => `batch ${done + 1} of the features`);
      const { value, done: isOver } = await iterator.next();
      if (isOver) break;
      const { xs, ys } = checkedBatch(value);
      try {
        labels.add(ys.dataSync() as Float32Array, rowsOf(ys));
        const rows = xs.shape[0]!;
        const known = await file?.next(rows);
        if (known !== undefined) {
          features.add(known, { shape: [rows, ...file!.rowShape!], dtype: "float32" });
        } else {
          const { values, shape } = await outputOf(runner, xs, preprocess);
          features.add(values, { shape, dtype: "float32" });
          await file?.append(values, shape.slice(1));
        }
      } finally {
        tf.dispose([xs, ys]);
      }
      progress.update(++done);
      if (runner.kind === "eager") await yieldToEventLoop();
    }
    if (done === 0) throw new InvalidArgumentError("`dataset` must have at least one batch.");
    const work = progress.finish();
    line?.finish();
    const all = { features: features.stored(), labels: labels.stored(), work };
    await file?.finish(all);
    if (counter !== undefined) counter.passes = passes + 1;
    return all;
  } catch (error) {
    progress.abandon();
    if (counter !== undefined) counter.passes = passes; // the pass begins again next time
    throw error;
  } finally {
    interruption.dispose();
    runner.dispose();
    await file?.close();
  }
}

async function outputOf(
  runner: StepRunner,
  images: Tensor,
  preprocess: ExtractFeaturesOptions["preprocess"],
): Promise<{ values: Float32Array; shape: number[] }> {
  const input = preprocess === undefined ? images.clone() : tf.tidy(() => preprocess(images));
  let outputs: Tensor[] = [];
  try {
    outputs = await runner.predict([input]);
    const [output] = outputs;
    return { values: output!.dataSync() as Float32Array, shape: output!.shape };
  } finally {
    tf.dispose([input, outputs]);
  }
}

async function keyOf(
  model: LayersModel,
  dataset: BatchDataset,
  { preprocess, precision = "float32" }: ExtractFeaturesOptions,
): Promise<string> {
  if (!isKnownDataset(dataset)) {
    throw invalidArgument("dataset", {
      expected:
        "of `imageDatasetFromDirectory` when `cacheDir` is given: what it holds must be known",
      received: dataset,
    });
  }
  const content = await dataset.contentHash();
  const weights = await hashWeights(model);
  return hashOf([content, hashArchitecture(model), weights, preprocess ?? null, precision]);
}

function checkArguments(
  model: LayersModel,
  dataset: BatchDataset,
  options: ExtractFeaturesOptions,
): void {
  const known: KnownOptions<ExtractFeaturesOptions> = {
    preprocess: true,
    cacheDir: true,
    verbose: true,
    engine: true,
    precision: true,
  };
  rejectUnknownOptions(options, known, "extractFeatures");
  checkRunnerOptions(options);
  const { preprocess, cacheDir } = options;
  const { inputs, outputs } = internals(model);
  if (inputs.length !== 1 || outputs.length !== 1) {
    throw invalidArgument("model", {
      expected: "a model with one input and one output",
      received: { inputs: inputs.length, outputs: outputs.length },
    });
  }
  if (!isDataset(dataset)) {
    throw invalidArgument("dataset", {
      expected: "a dataset of batches `{ xs, ys }`",
      received: dataset,
    });
  }
  checkFunction("preprocess", preprocess);
  checkText("cacheDir", cacheDir, { what: "a folder's path" });
}

function checkedBatch(value: unknown): { xs: Tensor; ys: Tensor } {
  const { xs, ys } = (value ?? {}) as { xs?: unknown; ys?: unknown };
  if (xs instanceof tf.Tensor && ys instanceof tf.Tensor) return { xs, ys };
  tf.dispose(value as Tensor);
  throw invalidArgument("dataset", {
    expected: "a dataset of batches `{ xs, ys }`, one tensor each",
    received: value,
  });
}

function rowsOf({ shape, dtype }: Tensor): { shape: number[]; dtype: StoredDtype } {
  return { shape, dtype: dtype as StoredDtype };
}

function toTensors({ features, labels, work }: StoredFeatures): ExtractedFeatures {
  return { features: toTensor(features), labels: toTensor(labels), seconds: work.seconds };
}
