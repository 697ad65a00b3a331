/** What a process that trains with others is told, and what it says. */

/** One call of `fit`. */
export interface Orders {
  /** `host:port` of each worker, the chief's first; of none: alone. */
  addresses: readonly string[];
  /** Which of them the process is. */
  index: number;
  epochs: number;
  /** Where the run is kept; undefined: nowhere. */
  backupDir?: string;
  /** After so many seconds a worker that is waited for counts as lost. */
  timeoutSeconds: number;
  /** How long it stands still after each step. */
  pauseMs: number;
}

/** What a process says: each step, then how it ended. */
export type Report =
  | { kind: "step" }
  | { kind: "trained"; weights: number[]; steps: number }
  | { kind: "failed"; name: string; message: string };
