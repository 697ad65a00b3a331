/**
 * Random numbers that TensorFlow draws and a seed repeats.
 *
 * A draw is a pure function of a key (two integers), so the same key gives the same numbers whether the op
 * runs eagerly or inside a compiled graph. A `KeySource` hands out a fresh key for each draw; its whole
 * state is a seed and a counter, which makes it easy to save and to continue.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/random/stateless_uniform
 * @see Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (Philox), SC 2011
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { DType, drawFrom, runKernel, tf } from "../tfjs";

/** A key for one draw: two int32 numbers. */
export type Key = [number, number];

/** Hands out keys, one for each draw. */
export class KeySource {
  private counter = 0;

  /** @param seed Any integer; equal seeds give equal sequences of keys. */
  constructor(private seed: number) {}

  /** The next key; never the same twice for one seed. */
  next(): Key {
    return [this.seed | 0, this.counter++ | 0];
  }

  /** Starts again from `seed`. */
  reset(seed: number): void {
    this.seed = seed;
    this.counter = 0;
  }

  /** What must be kept to continue the sequence later. */
  getState(): { seed: number; counter: number } {
    return { seed: this.seed, counter: this.counter };
  }

  /** Continues from a kept state. */
  setState(state: { seed: number; counter: number }): void {
    this.seed = state.seed;
    this.counter = state.counter;
  }
}

/** The source that `setSeed` restarts; layers without a seed of their own draw from sources derived from it. */
const globalKeys = new KeySource(randomSeed());
const hostRandom = { state: randomSeed() };

function randomSeed(): number {
  return (Math.random() * 0x7fffffff) | 0;
}

/**
 * Makes what follows repeatable: initial weights, shuffling, dropout, augmentation, and what `tf.randomNormal`,
 * `tf.randomUniform`, `tf.multinomial` and their like draw without a seed of their own.
 *
 * Call it before building the model. The same seed twice on one machine gives the same losses. `Math.random` in code of
 * your own stays random.
 *
 * @param seed An integer in [0, 2^31).
 * @throws InvalidArgumentError when `seed` is no such integer.
 * @example
 * import { setSeed, tf } from "convnets";
 * setSeed(1);
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * @see https://keras.io/api/utils/python_utils/#setrandomseed-function
 */
export function setSeed(seed: number): void {
  checkWhole("seed", seed, { low: 0, high: 0x7fffffff, required: true });
  globalKeys.reset(seed);
  hostRandom.state = seed;
  drawFrom(hostUniform);
}

/** The library's own source of keys, restarted by `setSeed`. */
export function defaultKeys(): KeySource {
  return globalKeys;
}

/** A uniform number in [0, 1) from the seeded host generator (mulberry32), for shuffling and other host work. */
export function hostUniform(): number {
  hostRandom.state = (hostRandom.state + 0x6d2b79f5) | 0;
  let t = Math.imul(hostRandom.state ^ (hostRandom.state >>> 15), 1 | hostRandom.state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

/** The state of every generator that `setSeed` restarts, as plain data. */
export function getRandomState(): {
  keys: { seed: number; counter: number };
  host: number;
} {
  return { keys: globalKeys.getState(), host: hostRandom.state };
}

/** Continues from a state that `getRandomState` returned. */
export function setRandomState(state: ReturnType<typeof getRandomState>): void {
  drawFrom(hostUniform);
  globalKeys.setState(state.keys);
  hostRandom.state = state.host;
}

/** Draws host numbers, and forgets that they were drawn. */
export function withoutProgress<T>(draw: () => T): T {
  const { state } = hostRandom;
  try {
    return draw();
  } finally {
    hostRandom.state = state;
  }
}

/** Told of every key tensor that is made, with the source it came from; the graph tracer listens. */
export type KeyListener = (tensor: Tensor, source: KeySource) => void;
let keyListener: KeyListener | undefined;

/** Installs the listener (one at a time) and returns a function that removes it. */
export function listenToKeys(listener: KeyListener): () => void {
  keyListener = listener;
  return () => {
    keyListener = undefined;
  };
}

/**
 * Draws uniform numbers in [0, 1).
 *
 * @param shape Shape of the result.
 * @param source Where the key comes from. The library's own source by default.
 * @returns float32 tensor; the caller disposes it.
 */
export function randomUniform(shape: number[], source: KeySource = globalKeys): Tensor {
  return drawn("StatelessRandomUniform", shape, source);
}

/**
 * Draws standard normal numbers.
 *
 * @param shape Shape of the result.
 * @param source Where the key comes from. The library's own source by default.
 * @returns float32 tensor; the caller disposes it.
 */
export function randomNormal(shape: number[], source: KeySource = globalKeys): Tensor {
  return drawn("StatelessRandomNormal", shape, source);
}

/**
 * Draws numbers of a gamma distribution of scale 1.
 *
 * @param shape Shape of the result.
 * @param alpha float32 scalar, above 0; stays the caller's.
 * @returns float32 tensor; the caller disposes it.
 */
export function randomGamma(shape: number[], alpha: Tensor, source: KeySource): Tensor {
  return drawn("StatelessRandomGammaV2", shape, source, [alpha]);
}

/**
 * Draws numbers of a beta distribution whose parameters are equal.
 *
 * @param shape Shape of the result.
 * @param alpha float32 scalar, above 0; stays the caller's.
 * @returns float32 tensor in [0, 1]; the caller disposes it.
 */
export function randomBeta(shape: number[], alpha: Tensor, source: KeySource): Tensor {
  return tf.tidy(() => {
    const [one, other] = [0, 1].map(() => randomGamma(shape, alpha, source));
    const sum = tf.add(one!, other!);
    // Where both are too small for a float32, the distribution is of 0 and 1 alone.
    const coin = tf.round(randomUniform(shape, source));
    return tf.where(tf.greater(sum, 0), tf.div(one!, tf.maximum(sum, 1e-38)), coin);
  });
}

/**
 * Draws an order of the numbers below `size`.
 *
 * @returns int32 `[size]`; the caller disposes it.
 */
export function randomOrder(size: number, source: KeySource): Tensor {
  return tf.tidy(() => tf.topk(randomUniform([size], source), size).indices);
}

function drawn(op: string, shape: number[], source: KeySource, more: Tensor[] = []): Tensor {
  const key = tf.tensor1d(source.next(), "int32");
  keyListener?.(key, source);
  const size = tf.tensor1d(shape, "int32");
  const attrs = {
    dtype: { type: DType.float32 },
    T: { type: DType.int32 },
    Tseed: { type: DType.int32 },
  };
  const [values] = runKernel(op, [size, key, ...more], { attrs });
  tf.dispose([key, size]);
  return values!;
}
