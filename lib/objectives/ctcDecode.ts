/** From what a network with CTC says of each step to the sequence that it means. */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkList,
  checkOneOf,
  checkWhole,
  isWithin,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import { beamSearch, type DecodedPaths } from "./ctcBeamSearch";

/** Options of every decoding. @inline */
interface DecodeOptions {
  /** How many steps of each sample count. @default all */
  sequenceLengths?: readonly number[];
  /** The class of the blank between letters; below 0 it counts from the last class. @default 0 */
  maskIndex?: number;
}

/** Options of `ctcDecode`, greedily. */
export interface CtcDecodeOptions extends DecodeOptions {
  /** `"beamSearch"` for the likeliest sequences over all ways to say them. @default "greedy" */
  strategy?: "greedy";
  /** Whether a class that is the likeliest in steps behind one another is one letter. @default true */
  mergeRepeated?: boolean;
}

/** Options of `ctcDecode` with beam search. */
export interface CtcBeamSearchOptions extends DecodeOptions {
  /** Search for the likeliest sequences. */
  strategy: "beamSearch";
  /** Among how many of the likeliest beginnings each step searches. @default 100 */
  beamWidth?: number;
  /** How many of the likeliest sequences are given; `beamWidth` at most. @default 1 */
  topPaths?: number;
}

/** Sequences that `ctcDecode` has found. */
export interface DecodedSequences {
  /** `[batch, steps]` int32: the classes of the letters, then -1. Keras' has an axis in front, for beam search. */
  decoded: Tensor2D;
  /** `[batch, 1]` float32: the negative sum of the largest logits of the steps. */
  scores: Tensor2D;
}

const common = { strategy: true, sequenceLengths: true, maskIndex: true } as const;
const greedy: KnownOptions<CtcDecodeOptions> = { ...common, mergeRepeated: true };
const search: KnownOptions<CtcBeamSearchOptions> = { ...common, beamWidth: true, topPaths: true };

/**
 * Decodes outputs of a model that learns with `losses.ctc()`: greedily, the likeliest class of each step, repeated ones
 * once, without blanks; or by `strategy: "beamSearch"`, the sequences that are the likeliest over all ways to say them.
 * A search is eager, in a `compiled` function too.
 *
 * @param logits `[batch, steps, classes]` float32; they stay the caller's.
 * @returns The sequences and their scores; of beam search `topPaths` for each sample. The caller disposes both.
 * @throws InvalidArgumentError for logits of another rank, lengths beyond the steps, a blank beyond the classes and an
 *   unknown option.
 * @example
 * import { ctcDecode, tf } from "convnets";
 * const likeliest = tf.tensor2d([[2, 2, 0, 2, 3]], [1, 5], "int32");
 * const { decoded, scores } = ctcDecode(tf.oneHot(likeliest, 4).toFloat());
 * console.log(decoded.arraySync(), scores.arraySync()); // [[2, 2, 3, -1, -1]], [[-5]]
 * @see https://keras.io/api/ops/nn/#ctc_decode-function
 */
export function ctcDecode(logits: Tensor, options?: CtcDecodeOptions): DecodedSequences;
/** The same, for several of the likeliest sequences. */
export function ctcDecode(logits: Tensor, options: CtcBeamSearchOptions): DecodedPaths;
export function ctcDecode(
  logits: Tensor,
  options: CtcDecodeOptions | CtcBeamSearchOptions = {},
): DecodedSequences | DecodedPaths {
  checkOneOf("strategy", options.strategy ?? "greedy", ["greedy", "beamSearch"]);
  const isSearch = options.strategy === "beamSearch";
  rejectUnknownOptions(options, isSearch ? search : greedy, "ctcDecode()");
  if (!(logits instanceof tf.Tensor) || logits.rank !== 3) {
    throw invalidArgument("logits", {
      expected: "a tensor [batch, steps, classes]",
      received: logits,
    });
  }
  const [batch, steps, classes] = logits.shape as [number, number, number];
  const { maskIndex = 0 } = options;
  const lengths = options.sequenceLengths ?? new Array<number>(batch).fill(steps);
  checkWhole("maskIndex", maskIndex, { low: -classes, high: classes - 1 });
  checkList("sequenceLengths", lengths, {
    what: `${batch} numbers of steps, each from 0 to ${steps}`,
    fits: (length) => isWithin(length, { low: 0, high: steps }) && Number.isInteger(length),
  });
  if (lengths.length !== batch) {
    throw invalidArgument("sequenceLengths", {
      expected: `${batch} numbers of steps, one for each sample`,
      received: lengths.length,
    });
  }
  const blank = maskIndex < 0 ? maskIndex + classes : maskIndex;
  if (options.strategy === "beamSearch") {
    const { beamWidth = 100, topPaths = 1 } = options;
    checkWhole("beamWidth", beamWidth, { low: 1 });
    checkWhole("topPaths", topPaths, { low: 1, high: beamWidth });
    return beamSearch(logits, { lengths, blank, beamWidth, topPaths });
  }
  const { mergeRepeated = true } = options;
  checkBoolean("mergeRepeated", mergeRepeated);
  return likeliest(logits, { lengths, blank, mergeRepeated });
}

/** The likeliest class of each step. */
function likeliest(
  logits: Tensor,
  given: { lengths: readonly number[]; blank: number; mergeRepeated: boolean },
): DecodedSequences {
  const { lengths, blank, mergeRepeated } = given;
  const [batch, steps] = logits.shape as [number, number];
  return tf.tidy(() => {
    const best = tf.argMax(logits, 2);
    const places = tf.reshape(tf.range(0, steps, 1, "int32"), [1, steps]);
    const counts = tf.less(places, tf.tensor2d([...lengths], [batch, 1], "int32"));
    let isLetter = tf.logicalAnd(counts, tf.notEqual(best, tf.scalar(blank, "int32")));
    if (mergeRepeated) {
      const none = tf.fill([batch, 1], -1, "int32");
      const before = tf.concat([none, tf.slice(best, [0, 0], [batch, steps - 1])], 1);
      isLetter = tf.logicalAnd(isLetter, tf.notEqual(best, before));
    }
    // A letter goes to the place of so many letters before it; what gets none stays 0, one below class 0.
    const target = tf.cumsum(tf.cast(isLetter, "float32"), 1, true);
    const isThere = tf.equal(tf.expandDims(target, 2), tf.cast(tf.range(0, steps), "float32"));
    const goes = tf.logicalAnd(isThere, tf.expandDims(isLetter, 2));
    const moved = tf.mul(tf.cast(goes, "int32"), tf.expandDims(tf.add(best, tf.onesLike(best)), 2));
    const decoded = tf.sub(tf.sum(moved, 1), tf.scalar(1, "int32")) as Tensor2D;
    const largest = tf.mul(tf.max(logits, 2), tf.cast(counts, "float32"));
    return { decoded, scores: tf.neg(tf.sum(largest, 1, true)) as Tensor2D };
  });
}
