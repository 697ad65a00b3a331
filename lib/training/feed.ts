/** The data of a run, batch by batch over all its passes, and where it stands. */

import type { Batch } from "../compiled";
import { getRandomState, setRandomState } from "../engine";
import type { BatchSource, Pass } from "./batches";
import type { FeedState } from "./callbacks";
import { yieldToEventLoop } from "./interruption";

/** Reads a source pass after pass; a pass goes on over several epochs when `stepsPerEpoch` is given. */
export class Feed {
  private pass: Pass | undefined;
  /** Batches that were asked for and not taken yet. */
  private upcoming: Promise<Batch | undefined>[] = [];
  private steps = 0;
  private beforePass = { order: undefined as unknown, random: getRandomState() };

  constructor(private readonly source: BatchSource) {}

  /**
   * The next batches of the pass, which is opened when there is none and closed at its end.
   *
   * @param count How many at most; fewer come at the end of the pass, and none behind it.
   */
  async next(count: number): Promise<Batch[]> {
    if (this.pass === undefined) {
      this.beforePass = { order: this.source.getOrder(), random: getRandomState() };
      this.pass = await this.source.open();
    }
    const batches: Batch[] = [];
    while (batches.length < count) {
      const asked = this.upcoming.shift() ?? this.pass.next();
      try {
        const batch = await asked;
        if (batch !== undefined) {
          batches.push(batch);
          continue;
        }
      } catch (error) {
        if (batches.length === 0) throw error;
      }
      if (batches.length > 0) this.upcoming.unshift(asked); // told when these are trained on
      break;
    }
    if (batches.length === 0) await this.close();
    this.steps += batches.length;
    return batches;
  }

  /** Takes back batches that were not used, to hand them out again. */
  putBack(batches: readonly Batch[]): void {
    this.upcoming.unshift(...batches.map((batch) => Promise.resolve(batch)));
    this.steps -= batches.length;
  }

  /** Prepares the next batches while TensorFlow's threads work on others. */
  readAhead(count: number): void {
    const { pass, upcoming, source } = this;
    if (pass === undefined || !source.readsAhead) return;
    // By then they have begun: to cut a batch keeps this thread busy.
    const begun = yieldToEventLoop();
    while (upcoming.length < count) {
      const batch = begun.then(() => pass.next());
      batch.catch(() => undefined); // reported when the batch is taken
      upcoming.push(batch);
    }
  }

  /** As in Keras: data of known length starts again when an epoch used it up. */
  async closeIfUsedUp(): Promise<void> {
    const { steps } = this.source;
    if (steps !== undefined && this.steps >= steps) await this.close();
  }

  async close(): Promise<void> {
    const { pass, upcoming } = this;
    this.pass = undefined;
    this.upcoming = [];
    this.steps = 0;
    for (const asked of upcoming) {
      const unused = await asked.catch(() => undefined);
      unused?.release?.();
    }
    await pass?.close();
  }

  getState(): FeedState {
    if (this.pass === undefined) return { order: this.source.getOrder() };
    const { order, random } = this.beforePass;
    return { order, pass: { random, steps: this.steps } };
  }

  /** Goes to where a kept run left the data. What was read then is read again, unless nothing more is wanted. */
  async setState({ order, pass }: FeedState, options: { mayRead: boolean }): Promise<void> {
    await this.source.setOrder(order, options);
    if (pass === undefined || !options.mayRead) return;
    setRandomState(pass.random);
    for (let step = 0; step < pass.steps; step++) {
      const [batch] = await this.next(1);
      if (batch === undefined) break;
      batch.release?.();
    }
  }
}

/** Says that `stepsPerEpoch` asks for more than there is. */
export function warnOfShortData(): void {
  console.warn(
    "The data ended before `stepsPerEpoch` steps; this epoch is shorter. Repeat the dataset to go on.",
  );
}
