/** A model's outputs for whole data. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole, type KnownOptions, rejectUnknownOptions } from "../checks";
import type { RunnerOptions, Share } from "../compiled";
import { createRunner } from "../compiled";
import { imagesOf } from "../data";
import type { Strategy } from "../distributed";
import { invalidArgument } from "../errors";
import { toTensor } from "../graph";
import { nativeModule } from "../native";
import { bringUpToDate, functionalOf } from "../tfjs";
import {
  ArraySource,
  type BatchDataset,
  type BatchSource,
  DatasetSource,
  isDataset,
  type Pass,
  Rows,
  readArrays,
  type Tensors,
} from "./batches";
import type { CallbackLike } from "./callbacks";
import { CallbackList } from "./callbacks";
import {
  checkRunnerOptions,
  devicesOf,
  refuseEager,
  refuseForDatasets,
  refuseStateful,
} from "./given";
import { Interruption, yieldToEventLoop } from "./interruption";
import { Progress, type Verbosity } from "./progress";
import { Team } from "./team";

/** Options of `predict`. */
export interface PredictOptions {
  /** Samples of a step; not for datasets, which yield batches. @default 32 */
  batchSize?: number;
  /** Steps to take. @default all of the data */
  steps?: number;
  /** Callbacks; their `onPredict…` hooks are called. @default none */
  callbacks?: CallbackLike | CallbackLike[];
  /** `"auto"` and 1: a live progress line; 2: one line at the end; 0: nothing. @default "auto" */
  verbose?: Verbosity;
  /** What runs the steps; `"auto"` takes the fastest that can. @default "auto" */
  engine?: RunnerOptions["engine"];
  /** Arithmetic inside a compiled step; `"bfloat16"` where that is faster here. @default "float32" */
  precision?: RunnerOptions["precision"];
  /** Several devices or processes, each with its part of every batch; all of them have all outputs. @default none */
  strategy?: Strategy;
}

/** What `predict` takes: inputs, a dataset of batches, or one or more files of pictures. */
export type Predictable = Tensors | BatchDataset | string | readonly string[];

/**
 * Computes the model's outputs, batch by batch. The model need not be compiled.
 *
 * Pictures are read as `loadImage` reads them, float32 in [0, 255], in the size that the model takes.
 *
 * @param model Any model; it stays as it is.
 * @param x Inputs; or a dataset of batches: of inputs, or of `{ xs, ys }`, whose labels are left aside; or the path of a
 *   picture, or a list of such.
 * @returns One tensor, [samples, …]. A model of several outputs gives a list in its order, and is asked for one:
 *   `predict<tf.Tensor[]>(model, x)`. The caller disposes them.
 * @throws InvalidArgumentError for data or options that don't fit; DataFileError for a file that is no picture;
 *   InterruptedError when stopped.
 * @example
 * import { predict, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * const outputs = await predict(model, tf.ones([10, 2]));
 * console.log(outputs.shape); // [10, 1]
 * outputs.dispose();
 * @see https://keras.io/api/models/model_training_apis/#predict-method
 */
export async function predict(
  model: LayersModel,
  x: Predictable,
  options?: PredictOptions,
): Promise<Tensor>;
export async function predict<Outputs extends Tensor[]>(
  model: LayersModel,
  x: Predictable,
  options?: PredictOptions,
): Promise<Outputs>;
export async function predict(
  model: LayersModel,
  x: Predictable,
  options: PredictOptions = {},
): Promise<Tensor | Tensor[]> {
  const known: KnownOptions<PredictOptions> = {
    batchSize: true,
    steps: true,
    callbacks: true,
    verbose: true,
    engine: true,
    precision: true,
    strategy: true,
  };
  rejectUnknownOptions(options, known, "predict");
  checkRunnerOptions(options);
  refuseEager(options);
  checkWhole("batchSize", options.batchSize, { low: 1 });
  checkWhole("steps", options.steps, { low: 1 });
  return Team.with(options, (team) => predictIn(team, model, { x, options }));
}

async function predictIn(
  team: Team | undefined,
  model: LayersModel,
  { x, options }: { x: Predictable; options: PredictOptions },
): Promise<Tensor | Tensor[]> {
  const { engine = "auto", precision = "float32" } = options;
  const { isChief = true, group } = team ?? {};
  const verbose = isChief ? (options.verbose ?? "auto") : 0;
  refuseStateful(model, options);
  const source = await inputsOf(model, x, { ...options, share: group });
  const steps = options.steps ?? source.steps;
  await bringUpToDate(model);
  await team?.agree(model, { steps: options.steps, batchSize: options.batchSize, precision });
  const runner = createRunner(model, {
    ...{ engine, precision, mode: "predict", group },
    devices: devicesOf(options),
  });
  let pass: Pass | undefined;
  const interruption = new Interruption();
  const outputs = functionalOf(model).outputs.map(() => new Rows(steps));
  const progress = new Progress(verbose, steps);
  try {
    pass = await source.open();
    const callbacks = new CallbackList(options.callbacks, runner, { isChief });
    callbacks.waitWith(interruption);
    callbacks.start(model, { verbose, epochs: 1, steps });
    await callbacks.call("onPredictBegin");
    const knowsEnd = (await team?.agreeOnSteps(source.steps)) ?? true;
    for (let step = 0; step < (options.steps ?? Infinity); step++) {
      const batch = await pass.next();
      const isOver = batch === undefined;
      if (knowsEnd ? isOver : await team!.isAnyOver(isOver)) {
        batch?.release?.();
        break;
      }
      if (isOver) break;
      try {
        interruption.check(() => `step ${step + 1} of the prediction`);
        await callbacks.callAt("onPredictBatchBegin", step);
        for (const [i, output] of (await runner.predict(batch)).entries()) {
          outputs[i]!.add(team === undefined ? output : await team.gatherRows(output, batch));
          // At once, since the collector doesn't know how much it would free.
          nativeModule().release(output.data.buffer as ArrayBuffer);
        }
      } finally {
        batch.release?.();
      }
      await callbacks.callAt("onPredictBatchEnd", step);
      progress.update(step + 1);
      if (runner.kind === "eager") await yieldToEventLoop();
    }
    await runner.pull(); // states that a layer keeps
    await callbacks.call("onPredictEnd");
    progress.finish();
    const tensors = outputs.map((rows) => toTensor(rows.all()));
    return tensors.length === 1 ? tensors[0]! : tensors;
  } catch (error) {
    progress.abandon();
    throw error;
  } finally {
    interruption.dispose();
    runner.dispose();
    await pass?.close();
  }
}

async function inputsOf(
  model: LayersModel,
  x: Predictable,
  options: PredictOptions & { share: Share | undefined },
): Promise<BatchSource> {
  const { batchSize = 32, share } = options;
  if (Array.isArray(x) && x.length === 0) {
    throw invalidArgument("x", {
      expected: "tensors, a dataset, or the paths of one or more pictures",
      received: x,
    });
  }
  if (arePaths(x)) {
    const pictures = picturesFor(functionalOf(model), [x].flat(), batchSize);
    return new DatasetSource(pictures, { model: functionalOf(model), share, label: "x" });
  }
  if (isDataset(x)) {
    refuseForDatasets(options, ["batchSize"]);
    return new DatasetSource(x, { model: functionalOf(model), share, label: "x" });
  }
  const arrays = await readArrays(functionalOf(model), undefined, { x: x as Tensors });
  return new ArraySource(arrays, { batchSize, shuffle: false }, share);
}

function arePaths(x: Predictable): x is string | readonly string[] {
  if (typeof x === "string") return true;
  return Array.isArray(x) && x.length > 0 && x.every((each) => typeof each === "string");
}

/** The pictures of some files as a model takes them. */
function picturesFor(model: LayersModel, paths: string[], batchSize: number): BatchDataset {
  const [input, ...others] = model.inputs;
  const [, height, width, channels] = input!.shape;
  const takesPictures = input!.rank === 4 && [1, 3, 4].includes(channels ?? 3);
  if (others.length > 0 || !takesPictures) {
    throw invalidArgument("x", {
      expected: `tensors: the model's inputs ${model.inputNames.join(", ")} are no pictures`,
      received: paths,
    });
  }
  if (height == null || width == null) {
    throw invalidArgument("x", {
      expected: "a tensor or a dataset, for a model that takes pictures of any size",
      received: paths,
      hint: "Call `predict(model, await loadImage(path, { size: 180 }))`.",
    });
  }
  return imagesOf(paths, { size: [height, width], channels: channels ?? 3, batchSize });
}
