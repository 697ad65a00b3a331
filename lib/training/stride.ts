/** How many steps `fit` takes at once. */
import type { Batch } from "../compiled";
import type { StepsPerExecution } from "../tfjs";

/** What a call should take: short enough for progress and the stop button, long enough for what a call costs. */
const CALL_MS = 100;

/** More steps, or more data, gain nothing. */
const MOST_STEPS = 256;
const MOST_BYTES = 2 ** 24;

/** How fast the number may grow: a step may have been quick by chance. */
const GROWTH = 4;

/** How many steps are taken at once: the user's number, or as many as fill a call of a tenth of a second. */
export class Stride {
  private readonly fixed: number | undefined;
  private chosen = 1;

  constructor(given: StepsPerExecution) {
    this.fixed = given === "auto" ? undefined : given;
  }

  get steps(): number {
    return this.fixed ?? this.chosen;
  }

  /** Learns from steps on these batches what the next call may hold. */
  took(batches: readonly Batch[], ms: number): void {
    const fitting = Math.floor((batches.length * CALL_MS) / Math.max(ms, 1e-3));
    const held = Math.floor(MOST_BYTES / Math.max(1, bytesOf(batches[0]!)));
    this.chosen = Math.max(1, Math.min(fitting, held, GROWTH * this.chosen, MOST_STEPS));
  }
}

function bytesOf({ xs, ys }: Batch): number {
  return [...xs, ...ys].reduce((sum, { data }) => sum + data.byteLength, 0);
}
