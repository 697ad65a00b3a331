/**
 * NumPy's classic generator, exactly, so that a seed shuffles files as it does in Keras.
 *
 * @see Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random
 *   number generator", 1998
 * @see https://numpy.org/doc/stable/reference/random/legacy.html
 */
import { checkWhole } from "../../checks";

const N = 624;
const M = 397;

/** `numpy.random.RandomState(seed)`, as far as shuffling needs it. */
export class RandomState {
  private readonly key = new Uint32Array(N);
  private position = N;

  /** @throws InvalidArgumentError when `seed` is no integer in [0, 2^32), as NumPy requires. */
  constructor(seed: number) {
    checkWhole("seed", seed, { low: 0, high: 0xffffffff, required: true });
    this.key[0] = seed;
    for (let i = 1; i < N; i++) {
      const previous = this.key[i - 1]!;
      this.key[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** Shuffles in place, with NumPy's order of draws. */
  shuffle<T>(items: T[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.interval(i);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
  }

  /** A uniform integer in [0, max], by rejection of masked draws. */
  private interval(max: number): number {
    const mask = 2 ** (32 - Math.clz32(max)) - 1;
    for (;;) {
      const value = (this.next() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  /** The next 32 bits. */
  private next(): number {
    if (this.position === N) this.twist();
    let y = this.key[this.position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  private twist(): void {
    const { key } = this;
    for (let i = 0; i < N; i++) {
      const y = (key[i]! & 0x80000000) | (key[(i + 1) % N]! & 0x7fffffff);
      key[i] = key[(i + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.position = 0;
  }
}
