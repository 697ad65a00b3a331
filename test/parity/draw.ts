/** Random choices that a seed repeats (mulberry32). */
export class Draw {
  constructor(private state: number) {}

  number(low = 0, high = 1): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return low + (((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return Math.floor(this.number(low, high + 1));
  }

  chance(share: number): boolean {
    return this.number() < share;
  }

  of<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)]!;
  }
}
