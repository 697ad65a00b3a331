/** A model's outputs for whole data. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole, type KnownOptions, rejectUnknownOptions } from "../checks";
import type { RunnerOptions } from "../compiled";
import { createRunner } from "../compiled";
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
import { checkRunnerOptions, refuseForDatasets } from "./evaluate";
import { Interruption, yieldToEventLoop } from "./interruption";
import { Progress, type Verbosity } from "./progress";

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
  /** Arithmetic inside a compiled step. @default "float32" */
  precision?: RunnerOptions["precision"];
}

/**
 * Computes the model's outputs, batch by batch. The model need not be compiled.
 *
 * @param model Any model; it stays as it is.
 * @param x Inputs, or a dataset of batches: of inputs, or of `{ xs, ys }`, whose labels are left aside.
 * @returns One tensor, [samples, …]; a list in the model's order when it has several outputs. The caller
 *   disposes them.
 * @throws InvalidArgumentError for data or options that don't fit; InterruptedError when stopped.
 * @example
 * import { predict, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * const outputs = (await predict(model, tf.ones([10, 2]))) as tf.Tensor;
 * console.log(outputs.shape); // [10, 1]
 * outputs.dispose();
 * @see https://keras.io/api/models/model_training_apis/#predict-method
 */
export async function predict(
  model: LayersModel,
  x: Tensors | BatchDataset,
  options: PredictOptions = {},
): Promise<Tensor | Tensor[]> {
  const known: KnownOptions<PredictOptions> = {
    batchSize: true,
    steps: true,
    callbacks: true,
    verbose: true,
    engine: true,
    precision: true,
  };
  rejectUnknownOptions(options, known, "predict");
  checkRunnerOptions(options);
  checkWhole("batchSize", options.batchSize, { low: 1 });
  checkWhole("steps", options.steps, { low: 1 });
  const { verbose = "auto", engine = "auto", precision = "float32" } = options;
  const source = await inputsOf(model, x, options);
  const steps = options.steps ?? source.steps;
  await bringUpToDate(model);
  const runner = createRunner(model, { engine, precision, mode: "predict" });
  let pass: Pass | undefined;
  const interruption = new Interruption();
  const outputs = functionalOf(model).outputs.map(() => new Rows(steps));
  const progress = new Progress(verbose, steps);
  try {
    pass = await source.open();
    const callbacks = new CallbackList(options.callbacks, runner);
    callbacks.waitWith(interruption);
    callbacks.start(model, { verbose, epochs: 1, steps });
    await callbacks.call("onPredictBegin");
    for (let step = 0; step < (options.steps ?? Infinity); step++) {
      const batch = await pass.next();
      if (batch === undefined) break;
      try {
        interruption.check(() => `step ${step + 1} of the prediction`);
        await callbacks.callAt("onPredictBatchBegin", step);
        (await runner.predict(batch)).forEach((output, i) => {
          outputs[i]!.add(output);
          // At once, since the collector doesn't know how much it would free.
          nativeModule().release(output.data.buffer as ArrayBuffer);
        });
      } finally {
        batch.release?.();
      }
      await callbacks.callAt("onPredictBatchEnd", step);
      progress.update(step + 1);
      if (runner.kind === "eager") await yieldToEventLoop();
    }
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
  x: Tensors | BatchDataset,
  options: PredictOptions,
): Promise<BatchSource> {
  if (isDataset(x)) {
    refuseForDatasets(options, ["batchSize"]);
    return new DatasetSource(x, { model: functionalOf(model), label: "x" });
  }
  const arrays = await readArrays(functionalOf(model), undefined, { x: x as Tensors });
  return new ArraySource(arrays, { batchSize: options.batchSize ?? 32, shuffle: false });
}
