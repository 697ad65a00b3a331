/** How many steps `fit` takes at once. */
import type { Batch } from "../compiled";
import type { StepsPerExecution } from "../tfjs";

/** What a call should take: short enough for progress and the stop button, long enough for what a call costs. */
const CALL_MS = 100;

/** More steps, or more data, gain nothing. */
const MOST_STEPS = 256;
const MOST_BYTES = 2 ** 24;

/** The first step takes longer than the others. */
const TRIALS = 2;

/** How fast the number may grow: a step may have been quick by chance. */
const GROWTH = 4;

/** How many steps are taken at once: the user's number, or as many as fill a call of a tenth of a second. */
export class Stride {
  private fixed: number | undefined;
  private chosen = 1;
  private tried = 0;

  /** @param options.lasting Whether the number is found by two steps, for good: XLA compiles for each number anew. */
  constructor(
    given: StepsPerExecution,
    private readonly options: { lasting: boolean },
  ) {
    this.fixed = given === "auto" ? undefined : given;
  }

  get steps(): number {
    return this.fixed ?? this.chosen;
  }

  /** Whether the next call is to find out what a step takes. */
  get isTrying(): boolean {
    return this.options.lasting && this.fixed === undefined;
  }

  /** Learns from steps on these batches what the next call may hold. */
  took(batches: readonly Batch[], ms: number): void {
    const fitting = Math.floor((batches.length * CALL_MS) / Math.max(ms, 1e-3));
    const held = Math.floor(MOST_BYTES / Math.max(1, bytesOf(batches[0]!)));
    const most = Math.max(1, Math.min(fitting, held, MOST_STEPS));
    if (!this.isTrying) this.chosen = Math.min(most, GROWTH * this.chosen);
    else if (++this.tried === TRIALS) this.fixed = 2 ** Math.floor(Math.log2(most));
  }
}

function bytesOf({ xs, ys }: Batch): number {
  return [...xs, ...ys].reduce((sum, { data }) => sum + data.byteLength, 0);
}
