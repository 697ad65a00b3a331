/** The hooks of training, with Keras' names in camelCase. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";

/** Numbers by name: `{ loss: 0.2, accuracy: 0.9 }`; with `val_` in front after validation. */
export type Logs = Record<string, number>;

/** What callbacks learn about the run. */
export interface CallbackParams {
  verbose: "auto" | 0 | 1 | 2;
  epochs: number;
  /** Steps of an epoch; undefined while unknown. */
  steps: number | undefined;
}

type Hook = void | Promise<void>;

/**
 * Base class of callbacks; override what you need. Hooks may be async: training waits for them.
 *
 * Setting `this.model.stopTraining = true` ends training after the current step.
 *
 * @see https://keras.io/api/callbacks/base_callback/
 */
export class Callback {
  /** The model that trains; its weights are current in every hook. */
  model!: LayersModel;
  params!: CallbackParams;
  /**
   * A callback that only reads `logs` in its batch hooks may set this. Otherwise a compiled step hands the
   * weights over before each batch hook and takes them back after it, which costs time.
   */
  onlyReadsLogs = false;

  setModel(model: LayersModel): void {
    this.model = model;
  }
  setParams(params: CallbackParams): void {
    this.params = params;
  }
  onTrainBegin(_logs?: Logs): Hook {}
  onTrainEnd(_logs?: Logs): Hook {}
  onEpochBegin(_epoch: number, _logs?: Logs): Hook {}
  /** @param logs This epoch's numbers, those of validation included. */
  onEpochEnd(_epoch: number, _logs?: Logs): Hook {}
  onTrainBatchBegin(_batch: number, _logs?: Logs): Hook {}
  /** @param logs Means over the epoch so far. */
  onTrainBatchEnd(_batch: number, _logs?: Logs): Hook {}
  onTestBegin(_logs?: Logs): Hook {}
  onTestEnd(_logs?: Logs): Hook {}
  onTestBatchBegin(_batch: number, _logs?: Logs): Hook {}
  onTestBatchEnd(_batch: number, _logs?: Logs): Hook {}
  onPredictBegin(_logs?: Logs): Hook {}
  onPredictEnd(_logs?: Logs): Hook {}
  onPredictBatchBegin(_batch: number, _logs?: Logs): Hook {}
  onPredictBatchEnd(_batch: number, _logs?: Logs): Hook {}
}

/** The hooks that an object may have to serve as a callback; `tf.Callback` and its subclasses fit too. */
export interface CallbackLike {
  setModel?(model: LayersModel): unknown;
  /** Gets `CallbackParams`; the intersection lets `tf.Callback` fit, which declares them in its own way. */
  setParams?(params: CallbackParams & Record<string, never>): unknown;
  onlyReadsLogs?: boolean;
  onTrainBegin?(logs?: Logs): unknown;
  onTrainEnd?(logs?: Logs): unknown;
  onEpochBegin?(epoch: number, logs?: Logs): unknown;
  onEpochEnd?(epoch: number, logs?: Logs): unknown;
  onTrainBatchBegin?(batch: number, logs?: Logs): unknown;
  onTrainBatchEnd?(batch: number, logs?: Logs): unknown;
  /** tfjs' name of `onTrainBatchBegin`. */
  onBatchBegin?(batch: number, logs?: Logs): unknown;
  /** tfjs' name of `onTrainBatchEnd`. */
  onBatchEnd?(batch: number, logs?: Logs): unknown;
  onTestBegin?(logs?: Logs): unknown;
  onTestEnd?(logs?: Logs): unknown;
  onTestBatchBegin?(batch: number, logs?: Logs): unknown;
  onTestBatchEnd?(batch: number, logs?: Logs): unknown;
  onPredictBegin?(logs?: Logs): unknown;
  onPredictEnd?(logs?: Logs): unknown;
  onPredictBatchBegin?(batch: number, logs?: Logs): unknown;
  onPredictBatchEnd?(batch: number, logs?: Logs): unknown;
}
