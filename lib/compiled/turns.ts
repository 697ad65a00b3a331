/** Work that must not overlap: each piece begins when the one before is over, whether it succeeded or not. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Does work when its turn comes. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
