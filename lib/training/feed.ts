/** The data of a run, batch by batch over all its passes, and where it stands. */

import type { Batch } from "../compiled";
import { getRandomState, setRandomState } from "../engine";
import type { BatchSource, Pass } from "./batches";
import type { FeedState } from "./callbacks";

/** Reads a source pass after pass; a pass goes on over several epochs when `stepsPerEpoch` is given. */
export class Feed {
  private pass: Pass | undefined;
  private upcoming: Promise<Batch | undefined> | undefined;
  private steps = 0;
  private beforePass = { order: undefined as unknown, random: getRandomState() };

  constructor(private readonly source: BatchSource) {}

  /** The next batch of the pass, which is opened when there is none and closed at its end. */
  async next(): Promise<Batch | undefined> {
    if (this.pass === undefined) {
      this.beforePass = { order: this.source.getOrder(), random: getRandomState() };
      this.pass = await this.source.open();
    }
    const batch = await (this.upcoming ?? this.pass.next());
    this.upcoming = undefined;
    if (batch === undefined) {
      await this.close();
      return undefined;
    }
    this.steps++;
    return batch;
  }

  /** Prepares the next batch while TensorFlow's threads work on this one. */
  readAhead(): void {
    if (this.pass === undefined || !this.source.readsAhead) return;
    this.upcoming = this.pass.next();
    this.upcoming.catch(() => undefined); // reported when the batch is taken
  }

  /** As in Keras: data of known length starts again when an epoch used it up. */
  async closeIfUsedUp(): Promise<void> {
    const { steps } = this.source;
    if (steps !== undefined && this.steps >= steps) await this.close();
  }

  async close(): Promise<void> {
    const { pass, upcoming } = this;
    this.pass = undefined;
    this.upcoming = undefined;
    this.steps = 0;
    const unused = await upcoming?.catch(() => undefined);
    unused?.release?.();
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
      const batch = await this.next();
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
