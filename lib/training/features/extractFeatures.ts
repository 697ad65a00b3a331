/** What a pretrained model sees in a dataset, computed once. */

import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkFunction, checkText, type KnownOptions, rejectUnknownOptions } from "../../checks";
import {
  type Batch,
  createRunner,
  type ModelRunner,
  type RunnerOptions,
  type StepRunner,
} from "../../compiled";
import { InvalidArgumentError, invalidArgument } from "../../errors";
import { checkFolderPlace } from "../../files";
import { borrowTensor, dtypeName, type HostTensor, toTensor } from "../../graph";
import { bringUpToDate, DType, functionalOf, tf } from "../../tfjs";
import {
  type BatchDataset,
  type Element,
  type ElementPass,
  isDataset,
  isKnownDataset,
  isOne,
  openElements,
  Rows,
} from "../batches";
import { checkRunnerOptions } from "../given";
import { Interruption, yieldToEventLoop } from "../interruption";
import { finalText, openProgressLine, Progress, showText, type Verbosity } from "../progress";
import { FeatureFile, type StoredFeatures, type StoredRows } from "./featureFile";
import { featureKey } from "./featureKey";

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
  const { engine = "auto", precision = "float32" } = options;
  await bringUpToDate(model);
  // Before anything is looked at: key and features must follow from the same weights.
  const runner = createRunner(model, { engine, precision, mode: "predict" });
  try {
    return toTensors(await computeOrRead(model, dataset, { options, runner }));
  } finally {
    runner.dispose();
  }
}

async function computeOrRead(
  model: LayersModel,
  dataset: BatchDataset,
  { options, runner }: { options: ExtractFeaturesOptions; runner: ModelRunner },
): Promise<StoredFeatures> {
  const { cacheDir, verbose = "auto" } = options;
  if (cacheDir === undefined) return compute(runner, dataset, { options });
  const key = await featureKey(model, dataset, { ...options, reading: runner.reading });
  const file = new FeatureFile(cacheDir, key);
  const kept = await file.read();
  if (kept === undefined) return compute(runner, dataset, { options, file });
  const line = openProgressLine(verbose);
  const say = (text: string) => showText(text, { verbose, line });
  if (kept === "damaged") {
    say(`Features are computed anew: ${file.name} is damaged.`);
    line?.finish();
    return compute(runner, dataset, { options, file });
  }
  const count = kept.features.shape[0]!.toLocaleString("en");
  say(`Restored ${count} features from ${file.name}; delete that file to compute them again.`);
  say(finalText(verbose, kept.work, []));
  line?.finish();
  if (isKnownDataset(dataset)) dataset.passes++; // as if they had been computed now
  return kept;
}

async function compute(
  runner: StepRunner,
  dataset: BatchDataset,
  { options, file }: { options: ExtractFeaturesOptions; file?: FeatureFile },
): Promise<StoredFeatures> {
  const { preprocess, verbose = "auto" } = options;
  const batches = Number.isFinite(dataset.size) && dataset.size > 0 ? dataset.size : undefined;
  const interruption = new Interruption();
  const line = openProgressLine(verbose);
  const progress = new Progress(verbose, batches, line);
  const counter = isKnownDataset(dataset) ? dataset : undefined;
  const passes = counter?.passes ?? 0;
  const features = new Rows(batches);
  const labels = new Rows(batches);
  let done = 0;
  let pass: ElementPass | undefined;
  try {
    if (counter !== undefined && file !== undefined) {
      counter.passes = (await file.open(passes)).pass;
    }
    const text = file && wordsOnRest(file);
    if (text !== undefined) showText(text, { verbose, line });
    pass = await openElements(dataset);
    for (;;) {
      interruption.check(() => `batch ${done + 1} of the features`);
      const element = await pass.next();
      if (element === undefined) break;
      try {
        const { xs, ys } = checkedBatch(element);
        labels.add(ys);
        const rows = xs.shape[0]!;
        const known = await file?.next(rows);
        if (known !== undefined) {
          const shape = [rows, ...file!.rowShape!];
          features.add({ data: known, shape, dtype: DType.float32 });
        } else {
          const output = await outputOf(runner, { xs, release: element.release }, preprocess);
          features.add(output);
          await file?.append(output.data as Float32Array, output.shape.slice(1));
        }
      } finally {
        element.release();
      }
      progress.update(++done);
      if (runner.kind === "eager") await yieldToEventLoop();
    }
    if (done === 0) throw new InvalidArgumentError("`dataset` must have at least one batch.");
    const work = progress.finish();
    line?.finish();
    const all = { features: storedRows(features), labels: storedRows(labels), work };
    await file?.finish(all);
    if (counter !== undefined) counter.passes = passes + 1;
    return all;
  } catch (error) {
    progress.abandon();
    if (counter !== undefined) counter.passes = passes; // the pass begins again next time
    throw error;
  } finally {
    interruption.dispose();
    await pass?.close();
    await file?.abandon();
  }
}

/** What is said of an unfinished file that was there. */
function wordsOnRest({ part, rowsLeft, damaged }: FeatureFile): string | undefined {
  if (damaged !== undefined) return `Features are computed anew: ${damaged} is damaged.`;
  if (rowsLeft === 0) return undefined;
  return `Restored ${rowsLeft.toLocaleString("en")} features from ${part}; the others follow.`;
}

async function outputOf(
  runner: StepRunner,
  images: { xs: HostTensor; release: () => void },
  preprocess: ExtractFeaturesOptions["preprocess"],
): Promise<HostTensor> {
  const { xs, release } = images;
  if (preprocess === undefined) return only(await runner.predict(inputOf(xs, release)));
  // A copy, since TensorFlow may share what it is given with the result.
  const prepared = tf.tidy(() => preprocess(toTensor({ ...xs, data: xs.data.slice() })));
  const { host, end } = borrowTensor(prepared);
  try {
    return only(await runner.predict(inputOf(host, end)));
  } finally {
    prepared.dispose();
    end();
  }
}

function inputOf(xs: HostTensor, release: () => void): Batch {
  return { xs: [xs], ys: [], size: xs.shape[0]!, release };
}

function only([output]: HostTensor[]): HostTensor {
  return output!;
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
  const { inputs, outputs } = functionalOf(model);
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
  if (cacheDir !== undefined) checkFolderPlace("cacheDir", cacheDir);
}

function checkedBatch({ value, read }: Element): { xs: HostTensor; ys: HostTensor } {
  const { xs, ys } = (value ?? {}) as { xs?: unknown; ys?: unknown };
  if (!isOne(xs) || !isOne(ys)) {
    throw invalidArgument("dataset", {
      expected: "a dataset of batches `{ xs, ys }`, one tensor each",
      received: value,
    });
  }
  return { xs: read(xs), ys: read(ys) };
}

function storedRows(rows: Rows): StoredRows {
  const { data, shape, dtype } = rows.all();
  return { values: data, shape: [...shape], dtype: dtypeName(dtype) };
}

function toTensors({ features, labels, work }: StoredFeatures): ExtractedFeatures {
  const tensor = ({ values, shape, dtype }: StoredRows) => tf.tensor(values, shape, dtype);
  return { features: tensor(features), labels: tensor(labels), seconds: work.seconds };
}
