/** What the library's own callbacks see of a running `fit`. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { getRandomState } from "../../engine";
import type { RunningMetrics } from "../objective";
import type { Logs } from "./callback";

/** Where training stands: enough to go on later as if it had never stopped. */
export interface Position {
  /** Epochs that are over. */
  epoch: number;
  /** Steps of the current epoch that are over. */
  step: number;
  /** Passes over the data that are over. */
  passesOver: number;
  /** The pass over the data in use, if any: the random state before it was opened, and its steps so far. */
  pass: { random: ReturnType<typeof getRandomState>; steps: number } | undefined;
  /** Random state now. */
  random: ReturnType<typeof getRandomState>;
  /** The current epoch's running means. */
  metrics: ReturnType<RunningMetrics["getState"]>;
}

/** A running `fit`. */
export interface TrainingSession {
  readonly model: LayersModel;
  /** Brings the model up to date with the last step. */
  pull(): Promise<void>;
  /** Says that the model was changed. */
  push(): Promise<void>;
  /** Where training stands. */
  position(): Position;
  /** Makes training start at a kept position; only before the first epoch. */
  resumeAt(position: Position): void;
}

/** A callback of the library that takes part in the session. */
export interface SessionCallback {
  attach?(session: TrainingSession): void;
  /** Adds numbers to an epoch's, such as `learning_rate`. */
  addLogs?(logs: Logs): void;
  /** Frees what the callback holds, however training ended. */
  close?(): void;
}
