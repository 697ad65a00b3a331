/** Training a model. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkNumber,
  checkRecord,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import type { RunnerOptions, Share } from "../compiled";
import { createRunner, usesXla } from "../compiled";
import type { Strategy } from "../distributed";
import { usesGpu } from "../engine";
import { InvalidArgumentError } from "../errors";
import { type Objective, objectiveOf } from "../objectives";
import { openLivePlot } from "../plot";
import { claim, functionalOf, stepsPerExecutionOf } from "../tfjs";
import {
  ArraySource,
  type BatchSource,
  type ClassWeight,
  DatasetSource,
  isDataset,
  readArrays,
  splitOff,
  type Tensors,
  type TrainingData,
  weighClasses,
} from "./batches";
import type { CallbackLike } from "./callbacks";
import {
  checkRunnerOptions,
  devicesOf,
  refuseEager,
  refuseForDatasets,
  refuseLabels,
  refuseStateful,
  sourceOf,
  unpack,
} from "./given";
import type { History } from "./history";
import type { Verbosity } from "./progress";
import { Stride } from "./stride";
import { Team } from "./team";
import { warnOfTrainable } from "./trainable";
import { TrainingLoop } from "./trainingLoop";

/** Options of `fit`; names and defaults are Keras'. */
export interface FitOptions {
  /** Passes over the data. @default 1 */
  epochs?: number;
  /** Number of the first epoch, counted from 0; training ends with epoch `epochs` all the same. @default 0 */
  initialEpoch?: number;
  /** Samples of a step; not for datasets, which yield batches. @default 32 */
  batchSize?: number;
  /** A new order of the samples in every epoch; datasets have their own. @default true */
  shuffle?: boolean;
  /** Data to measure after each epoch. @default none */
  validationData?: TrainingData;
  /** Share of the samples, the last ones, to keep for validation, in [0, 1). @default 0 */
  validationSplit?: number;
  /** Samples of a validation step. @default `batchSize` */
  validationBatchSize?: number;
  /** Validate after every so many epochs, or after the epochs listed (counted from 1). @default 1 */
  validationFreq?: number | number[];
  /** Steps of an epoch; the data goes on in the next epoch. @default all of the data */
  stepsPerEpoch?: number;
  /** Steps of each validation. @default all of the data */
  validationSteps?: number;
  /** Weight of each class in the loss of training, not of validation, `{ 0: 1, 1: 4.5 }`. @default 1 for each */
  classWeight?: ClassWeight;
  /** Weights of the samples in the loss, `[samples]`. @default 1 for each */
  sampleWeight?: Tensors;
  /** Callbacks: this library's, `tf.Callback`s or objects with hooks. @default none */
  callbacks?: CallbackLike | CallbackLike[];
  /** `"auto"` and 1: a live progress line for each epoch; 2: one line at its end; 0: nothing. @default "auto" */
  verbose?: Verbosity;
  /** Draw the curves of the history while they grow. @default false */
  livePlot?: boolean;
  /** What runs the steps; `"auto"` takes the fastest that can. @default "auto" */
  engine?: RunnerOptions["engine"];
  /** Arithmetic inside a compiled step; `"bfloat16"` where that is faster here. @default "float32" */
  precision?: RunnerOptions["precision"];
  /** Several devices or processes that train together, each on its part of every batch. @default none */
  strategy?: Strategy;
}

const known: KnownOptions<FitOptions> = {
  epochs: true,
  initialEpoch: true,
  batchSize: true,
  shuffle: true,
  validationData: true,
  validationSplit: true,
  validationBatchSize: true,
  validationFreq: true,
  stepsPerEpoch: true,
  validationSteps: true,
  classWeight: true,
  sampleWeight: true,
  callbacks: true,
  verbose: true,
  livePlot: true,
  engine: true,
  precision: true,
  strategy: true,
};

/**
 * Trains a compiled model.
 *
 * Which layers are frozen is settled by the first `fit` after `compile`; as in Keras, changing `trainable` later has no
 * effect before the next `compile`, and `fit` says so.
 *
 * Weights, optimizer state and its `iterations` are in the model at the end of each epoch and whenever a callback looks.
 * `saveModel`, `saveWeights`, `predict`, `evaluate` and the like, called meanwhile, see the last finished step. Only
 * callbacks may change the model while it trains: `loadWeights` and `setWeights` elsewhere are refused.
 *
 * With an optimizer that has `useEma`, the weights become their averages after the last epoch, before `onTrainEnd`.
 *
 * Everything is checked before the first step. When the run is stopped from outside (the notebook's stop
 * button), the model keeps the state of the last finished step, nothing stays allocated, and the promise
 * rejects; with `model.stopTraining = true` in a callback it resolves. The history so far is `model.history`, as in
 * Keras, however the run ended.
 *
 * @param model A compiled model; its weights and its optimizer's state change.
 * @param data `[x, y]`, `[x, y, sampleWeight]` or a dataset of batches `{ xs, ys }`. `x` and `y` are tensors
 *   whose first axis counts the samples; lists or objects of named tensors for several inputs or outputs.
 *   Class numbers for sparseCategoricalCrossentropy may be [samples] or [samples, 1], as may binary labels.
 * @returns The history of the run.
 * @throws InvalidArgumentError for data or options that don't fit; ConvnetsError when the model is not
 *   compiled, or another `fit` trains part of it; InterruptedError when stopped.
 * @example
 * import { fit, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * const data: [tf.Tensor, tf.Tensor] = [tf.randomNormal([64, 2]), tf.zeros([64, 1])];
 * const { history } = await fit(model, data, { epochs: 3, validationSplit: 0.25 });
 * console.log(history.val_loss);
 * @see https://keras.io/api/models/model_training_apis/#fit-method
 */
export async function fit(
  model: LayersModel,
  data: TrainingData,
  options: FitOptions = {},
): Promise<History> {
  checkOptions(options);
  return Team.with(options, (team) => fitIn(team, model, { data, options }));
}

async function fitIn(
  team: Team | undefined,
  model: LayersModel,
  { data, options }: { data: TrainingData; options: FitOptions },
): Promise<History> {
  const objective = objectiveOf(model, "fit");
  refuseStateful(model, options);
  const { isChief = true, group } = team ?? {};
  const sources = await sourcesOf(model, objective, data, { ...options, share: group });
  const { training, validation } = sources;
  if (isChief) warnOfTrainable(model);
  const { engine = "auto", precision = "float32" } = options;
  let loop: TrainingLoop | undefined;
  const running: RunnerOptions = {
    ...{ engine, precision, mode: "train", objective, group },
    devices: devicesOf(options),
    say: (text) => loop?.say(text),
  };
  const runner = createRunner(model, running);
  const claimed = claim(model, () => runner.pull());
  try {
    loop = new TrainingLoop(model, {
      objective,
      runner,
      claim: claimed,
      training,
      validation,
      epochs: options.epochs ?? 1,
      initialEpoch: options.initialEpoch ?? 0,
      stepsPerEpoch: options.stepsPerEpoch,
      stride: strideOf(model, { training, running }),
      validationSteps: options.validationSteps,
      validationFreq: options.validationFreq ?? 1,
      callbacks: options.callbacks,
      verbose: isChief ? (options.verbose ?? "auto") : 0,
      livePlot: options.livePlot && isChief ? openLivePlot() : undefined,
      team,
      batchSize: options.batchSize,
      identity: { precision },
    });
    return await loop.run();
  } finally {
    runner.dispose();
    claimed.release();
  }
}

/** Many batches at once are read before the first is trained on, which must change none of them. */
function strideOf(
  model: LayersModel,
  { training, running }: { training: BatchSource; running: RunnerOptions },
): Stride {
  const lasting = usesXla(model, running);
  // A call of XLA's costs as much as several steps of a small model, and a GPU without XLA waits for each step.
  const byDefault = lasting && usesGpu() ? "auto" : 1;
  const wanted = stepsPerExecutionOf(functionalOf(model)) ?? byDefault;
  return new Stride(wanted === "auto" && !training.readsAhead ? 1 : wanted, { lasting });
}

function checkOptions(options: FitOptions): void {
  refuseLabels(options, "fit");
  rejectUnknownOptions(options, known, "fit");
  checkRunnerOptions(options);
  refuseEager(options);
  for (const name of [
    "epochs",
    "batchSize",
    "validationBatchSize",
    "stepsPerEpoch",
    "validationSteps",
  ] as const) {
    checkWhole(name, options[name], { low: 1 });
  }
  checkWhole("initialEpoch", options.initialEpoch, { low: 0 });
  checkNumber("validationSplit", options.validationSplit, { low: 0, high: 1 });
  checkBoolean("shuffle", options.shuffle);
  checkBoolean("livePlot", options.livePlot);
  checkRecord("classWeight", options.classWeight, { what: "class numbers and weights" });
  const { validationFreq } = options;
  for (const freq of Array.isArray(validationFreq) ? validationFreq : [validationFreq]) {
    checkWhole("validationFreq", freq, { low: 1 });
  }
}

async function sourcesOf(
  model: LayersModel,
  objective: Objective,
  data: TrainingData,
  options: FitOptions & { share: Share | undefined },
): Promise<{ training: BatchSource; validation: BatchSource | undefined }> {
  const { validationData, stepsPerEpoch, shuffle = true, share } = options;
  const given =
    validationData === undefined
      ? undefined
      : await sourceOf(model, objective, validationData, {
          batchSize: isDataset(validationData)
            ? options.validationBatchSize
            : (options.validationBatchSize ?? options.batchSize),
          shuffle: false,
          share,
          label: "validationData",
        });
  if (isDataset(data)) {
    refuseForDatasets(options, ["batchSize", "sampleWeight", "validationSplit"]);
    if (data.size === Number.POSITIVE_INFINITY && stepsPerEpoch === undefined) {
      throw new InvalidArgumentError(
        "`stepsPerEpoch` must be given for a dataset that repeats without end.",
      );
    }
    const { classWeight } = options;
    const use = { model: functionalOf(model), objective, classWeight, share, label: "data" };
    return { training: new DatasetSource(data, use), validation: given };
  }
  const [x, y, sampleWeight] = unpack(data, { sampleWeight: options.sampleWeight, label: "data" });
  let arrays = await readArrays(functionalOf(model), objective, { x, y, sampleWeight });
  let validation = given;
  const batchSizeFor = (length: number) =>
    options.batchSize ?? (stepsPerEpoch === undefined ? 32 : Math.ceil(length / stepsPerEpoch));
  if (options.validationSplit && given === undefined) {
    const parts = splitOff(arrays, options.validationSplit);
    arrays = parts.training;
    const batchSize = options.validationBatchSize ?? options.batchSize ?? 32;
    validation = new ArraySource(parts.validation, { batchSize, shuffle: false }, share);
  }
  // After the split: classes weigh while the model trains, not where it is measured.
  if (options.classWeight !== undefined) arrays = weighClasses(arrays, options.classWeight);
  const batchSize = batchSizeFor(arrays.length);
  return { training: new ArraySource(arrays, { batchSize, shuffle }, share), validation };
}
