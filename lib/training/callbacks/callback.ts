/** The hooks of training, with Keras' names in camelCase. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";

/** Numbers by name: `{ loss: 0.2, accuracy: 0.9 }`; with `val_` in front after validation. */
export type Logs = Record<string, number>;

/** What callbacks learn about the run. */
export interface CallbackParams {
  /** As the caller gave it. */
  verbose: "auto" | 0 | 1 | 2;
  /** Number of epochs. */
  epochs: number;
  /** Steps of an epoch; undefined while unknown. */
  steps: number | undefined;
}

/** What a hook gives back: a promise where training has to wait. @inline */
type Hook = void | Promise<void>;

/**
 * Base class of callbacks; override what you need. Hooks may be async: training waits for them.
 *
 * Setting `this.model.stopTraining = true` ends training after the current step.
 *
 * @example
 * import { Callback, type Logs } from "convnets";
 * class StopWhenPerfect extends Callback {
 *   override onEpochEnd(epoch: number, logs: Logs = {}): void {
 *     if (logs.accuracy === 1) this.model.stopTraining = true;
 *   }
 * }
 * @see https://keras.io/api/callbacks/base_callback/
 */
export class Callback {
  /** The model that trains; its weights are current in every hook. */
  model!: LayersModel;
  /** What the run was asked for. */
  params!: CallbackParams;
  /**
   * A callback that only reads `logs` in its batch hooks may set this. Otherwise a compiled step hands the
   * weights over before each batch hook and takes them back after it, which costs time.
   */
  onlyReadsLogs = false;

  /** Gets the model before the run begins. */
  setModel(model: LayersModel): void {
    this.model = model;
  }
  /** Gets what was asked for before the run begins. */
  setParams(params: CallbackParams): void {
    this.params = params;
  }
  /** Before the first epoch. */
  onTrainBegin(_logs?: Logs): Hook {}
  /** After the last epoch; `logs` are its numbers. */
  onTrainEnd(_logs?: Logs): Hook {}
  /** Before an epoch, counted from 0. */
  onEpochBegin(_epoch: number, _logs?: Logs): Hook {}
  /** After an epoch, counted from 0; `logs` are its numbers, those of validation included. */
  onEpochEnd(_epoch: number, _logs?: Logs): Hook {}
  /** Before a training step, counted from 0 in each epoch. */
  onTrainBatchBegin(_batch: number, _logs?: Logs): Hook {}
  /** After a training step; `logs` are means over the epoch so far. */
  onTrainBatchEnd(_batch: number, _logs?: Logs): Hook {}
  /** Before an evaluation, also the validation within `fit`. */
  onTestBegin(_logs?: Logs): Hook {}
  /** After an evaluation; `logs` are its numbers. */
  onTestEnd(_logs?: Logs): Hook {}
  /** Before a step of an evaluation, counted from 0. */
  onTestBatchBegin(_batch: number, _logs?: Logs): Hook {}
  /** After a step of an evaluation; `logs` are means so far. */
  onTestBatchEnd(_batch: number, _logs?: Logs): Hook {}
  /** Before a prediction. */
  onPredictBegin(_logs?: Logs): Hook {}
  /** After a prediction. */
  onPredictEnd(_logs?: Logs): Hook {}
  /** Before a step of a prediction, counted from 0. */
  onPredictBatchBegin(_batch: number, _logs?: Logs): Hook {}
  /** After a step of a prediction. */
  onPredictBatchEnd(_batch: number, _logs?: Logs): Hook {}
}

/** A callback of the library: of several workers, the chief alone has it, and the others do what it decides. */
export class LibraryCallback extends Callback {}

/** The hooks that an object may have to serve as a callback; `tf.Callback` and its subclasses fit too. */
export interface CallbackLike {
  /** Gets the model before the run begins. */
  setModel?(model: LayersModel): unknown;
  /** Gets `CallbackParams`; the intersection lets `tf.Callback` fit, which declares them in its own way. */
  setParams?(params: CallbackParams & Record<string, never>): unknown;
  /** Promises that the batch hooks only read `logs`, which spares a compiled step handing over its weights. */
  onlyReadsLogs?: boolean;
  /** Before the first epoch. */
  onTrainBegin?(logs?: Logs): unknown;
  /** After the last epoch; `logs` are its numbers. */
  onTrainEnd?(logs?: Logs): unknown;
  /** Before an epoch, counted from 0. */
  onEpochBegin?(epoch: number, logs?: Logs): unknown;
  /** After an epoch, counted from 0; `logs` are its numbers, those of validation included. */
  onEpochEnd?(epoch: number, logs?: Logs): unknown;
  /** Before a training step, counted from 0 in each epoch. */
  onTrainBatchBegin?(batch: number, logs?: Logs): unknown;
  /** After a training step; `logs` are means over the epoch so far. */
  onTrainBatchEnd?(batch: number, logs?: Logs): unknown;
  /** tfjs' name of `onTrainBatchBegin`. */
  onBatchBegin?(batch: number, logs?: Logs): unknown;
  /** tfjs' name of `onTrainBatchEnd`. */
  onBatchEnd?(batch: number, logs?: Logs): unknown;
  /** Before an evaluation, also the validation within `fit`. */
  onTestBegin?(logs?: Logs): unknown;
  /** After an evaluation; `logs` are its numbers. */
  onTestEnd?(logs?: Logs): unknown;
  /** Before a step of an evaluation, counted from 0. */
  onTestBatchBegin?(batch: number, logs?: Logs): unknown;
  /** After a step of an evaluation; `logs` are means so far. */
  onTestBatchEnd?(batch: number, logs?: Logs): unknown;
  /** Before a prediction. */
  onPredictBegin?(logs?: Logs): unknown;
  /** After a prediction. */
  onPredictEnd?(logs?: Logs): unknown;
  /** Before a step of a prediction, counted from 0. */
  onPredictBatchBegin?(batch: number, logs?: Logs): unknown;
  /** After a step of a prediction. */
  onPredictBatchEnd?(batch: number, logs?: Logs): unknown;
}
