/**
 * The keys of TensorFlow's stateless draws as its kernels use them.
 *
 * A kernel takes two numbers and scrambles them by the generator itself. XLA scrambles in the same way, but takes
 * negative numbers for others; so this is done here, and XLA is given the outcome.
 *
 * @see Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (Philox), SC 2011
 * @see https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/kernels/stateless_random_ops.cc
 */

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const RAISES = [0x9e3779b9, 0xbb67ae85] as const;
const SCRAMBLING_KEY = [0x3ec8f720, 0x02461e29] as const;
const ROUNDS = 10;

/** A key of a draw and the upper half of the count that it starts with, as int64. */
export function scrambledKey([first, second]: readonly [number, number]): [bigint, bigint] {
  const [k0, k1, c2, c3] = philox([first, first >> 31, second, second >> 31], SCRAMBLING_KEY);
  return [int64(k0, k1), int64(c2, c3)];
}

type Block = [number, number, number, number];

function philox(counter: Block, key: readonly [number, number]): Block {
  let [a, b, c, d] = counter;
  let [k0, k1] = key as [number, number];
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, high1] = [upperHalf(MULTIPLIERS[0], a), upperHalf(MULTIPLIERS[1], c)];
    const [low0, low1] = [Math.imul(MULTIPLIERS[0], a), Math.imul(MULTIPLIERS[1], c)];
    [a, b, c, d] = [high1 ^ b ^ k0, low1, high0 ^ d ^ k1, low0];
    k0 = (k0 + RAISES[0]) | 0;
    k1 = (k1 + RAISES[1]) | 0;
  }
  return [a, b, c, d];
}

/** The upper 32 bits of a product of two unsigned numbers; each step is exact in a float64. */
function upperHalf(x: number, y: number): number {
  const unsigned = y >>> 0;
  const low = (x & 0xffff) * unsigned;
  const high = (x >>> 16) * unsigned;
  return Math.floor((high + Math.floor(low / 0x10000)) / 0x10000) | 0;
}

function int64(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
