/** What the library's own callbacks see of a running `fit`. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { getRandomState } from "../../engine";
import type { RunningMetrics } from "../../objectives";
import type { RunIdentity } from "../identity";
import type { WorkDone } from "../progress";
import type { Logs } from "./callback";

/** An epoch that is over: its numbers and what it took. */
export interface EpochRecord extends WorkDone {
  epoch: number;
  logs: Logs;
}

/** Where the data of a run stands. */
export interface FeedState {
  /** Where its order stands; of a pass in use, before it was opened. */
  order?: unknown;
  /** The pass in use, if any: the random state before it was opened, and its steps so far. */
  pass?: { random: ReturnType<typeof getRandomState>; steps: number };
}

/** Where training stands: enough to go on later as if it had never stopped. */
export interface Position {
  /** Epochs that are over. */
  epoch: number;
  /** Steps of the current epoch that are over. */
  step: number;
  training: FeedState;
  /** Where the order of the validation data stands. */
  validationOrder?: unknown;
  /** Random state now. */
  random: ReturnType<typeof getRandomState>;
  /** The current epoch's running means. */
  metrics: ReturnType<RunningMetrics["getState"]>;
}

/** A kept run. */
export interface KeptRun {
  position: Position;
  /** The epochs that are over, to be shown and to join the history. */
  epochs: EpochRecord[];
  /** Whether a callback has ended training. */
  stopped: boolean;
  /** States of the callbacks that have one. */
  callbacks: CallbackState[];
}

/** What a callback has to remember; plain data and float32 arrays. */
export interface CallbackState {
  callback: string;
  state: unknown;
}

/** A running `fit`. */
export interface TrainingSession {
  readonly model: LayersModel;
  /** Brings the model up to date with the last step. */
  pull(): Promise<void>;
  /** Says that the model was changed. */
  push(): Promise<void>;
  /** The run so far. */
  keep(): Promise<KeptRun>;
  /** Makes training start where a kept run stands; only before the first epoch. */
  resume(run: KeptRun): void;
  /** Everything that the run's result follows from; before the first epoch. */
  identify(): Promise<RunIdentity>;
  /** Why a callback can't go on from its kept state, in words: `best.keras is gone`. */
  obstacle(run: KeptRun): Promise<string | undefined>;
  /** The epochs asked for. */
  readonly epochsWanted: number;
  /** Shows a line among those of the epochs, unless the run is silent. */
  say(text: string): void;
}

/** A callback of the library that takes part in the session. */
export interface SessionCallback {
  attach?(session: TrainingSession): void;
  /** Whether it acts between steps; unless it says so, those with hooks of batches do. */
  readonly watchesSteps?: boolean;
  /** Adds numbers to those that are shown of an epoch; its `onEpochEnd` adds them to the logs, for who comes after it. */
  addLogs?(logs: Logs): void;
  /** Called after a step, when all callbacks have seen it. */
  afterStep?(): Promise<void>;
  /** Called after an epoch, when all callbacks have seen it and it is in the history. */
  afterEpoch?(): Promise<void>;
  /** Those of its options that the result of a run follows from. */
  identity?(): object;
  /** What it has to remember when training goes on in another process. */
  getState?(): unknown;
  /** Goes on from a kept state; called after `onTrainBegin`. */
  setState?(state: unknown): void;
  /** Why it can't go on from a kept state. */
  obstacle?(state: unknown): Promise<string | undefined>;
  /** Takes an epoch that an earlier process has trained. */
  takeEpoch?(epoch: number, logs: Logs): void;
  /** Frees what the callback holds, however training ended. */
  close?(): void;
}
