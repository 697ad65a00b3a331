/** Lists of whole numbers that have places, and what each number tells of a document. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import type { OutputMode } from "./categories";
import type { Salt } from "./hashes";

/** The options of a lookup, all of them there. */
export interface LookupSettings {
  maxTokens: number | null;
  numOovIndices: number;
  maskToken: number | null;
  oovToken: number | null;
  invert: boolean;
  outputMode: OutputMode | "tfIdf";
  padToMaxTokens: boolean;
  oovMethod: "floormod" | "farmhash";
  salt: Salt | null;
}

/** Refuses options that don't go together. */
export function checkTogether(settings: LookupSettings): void {
  const { maxTokens, padToMaxTokens, invert, outputMode, salt, oovMethod } = settings;
  const refuse = (name: string, expected: string, received: unknown) => {
    throw invalidArgument(name, { expected, received });
  };
  if (padToMaxTokens && maxTokens === null) {
    refuse("maxTokens", "given with `padToMaxTokens`", maxTokens);
  }
  if (invert && outputMode !== "int") refuse("outputMode", '"int" with `invert`', outputMode);
  if (salt !== null && oovMethod !== "farmhash") {
    refuse("oovMethod", '"farmhash" with `salt`', oovMethod);
  }
}

/** The first place of unknown numbers. */
export function firstOovOf({ maskToken, outputMode }: LookupSettings): number {
  return maskToken !== null && outputMode === "int" ? 1 : 0;
}

/** The first place of known numbers. */
export function firstTokenOf(settings: LookupSettings): number {
  return firstOovOf(settings) + settings.numOovIndices;
}

const isInt32 = (value: number) => (value | 0) === value;

const isList = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every(Number.isFinite);

/** A list as it was given, and the places in it. */
export class Vocabulary {
  /** The known numbers, without places in front for others. */
  readonly tokens: readonly number[];
  /** The place of the first of them. */
  readonly first: number;
  /** How many places there are. */
  readonly size: number;
  /** The known numbers from the least to the greatest, and the place of each. */
  readonly sorted: readonly (readonly [token: number, place: number])[];

  constructor(
    readonly numbers: readonly number[],
    readonly idfWeights: readonly number[] | null,
    settings: LookupSettings,
  ) {
    const refuse = (name: string, expected: string, received: unknown) => {
      throw invalidArgument(name, { expected, received });
    };
    if (!isList(numbers) || !numbers.every(isInt32)) {
      refuse("vocabulary", "a list of whole numbers, of 32 bits each", numbers);
    }
    const { maxTokens, maskToken, outputMode } = settings;
    if (outputMode !== "tfIdf" && idfWeights !== null) {
      refuse("idfWeights", 'left out, but for `outputMode: "tfIdf"`', idfWeights);
    }
    if (outputMode === "tfIdf" && !(isList(idfWeights) && idfWeights.length === numbers.length)) {
      refuse("idfWeights", "a number for each of the vocabulary", idfWeights);
    }
    this.tokens = tokensOf(numbers, settings);
    this.first = firstTokenOf(settings);
    this.size = this.first + this.tokens.length;
    this.sorted = this.tokens
      .map((token, i) => [token, i + this.first] as const)
      .sort(([a], [b]) => a - b);
    if (maxTokens !== null && this.size > maxTokens) {
      const expected = `at most ${maxTokens} numbers, with the places in front, as \`maxTokens\` says`;
      refuse("vocabulary", expected, numbers);
    }
    const hasMask = maskToken !== null && this.tokens.includes(maskToken);
    if (hasMask || new Set(this.tokens).size < this.tokens.length) {
      refuse("vocabulary", "numbers that differ, without `maskToken`", numbers);
    }
  }

  /** What each of `depth` places weighs: those in front as much as the mean, those that are left nothing. */
  placeWeights(depth: number): number[] {
    const weights = this.idfWeights ?? [];
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    const isWhole = this.tokens.length < this.numbers.length;
    const all = [...Array<number>(isWhole ? 0 : this.first).fill(mean), ...weights];
    return [...all, ...Array<number>(depth - all.length).fill(0)];
  }
}

/** A list without the places in front. */
function tokensOf(numbers: readonly number[], settings: LookupSettings): readonly number[] {
  const { numOovIndices, maskToken, oovToken } = settings;
  const masks = Array<number | null>(firstOovOf(settings)).fill(maskToken);
  const others = [...masks, ...Array<number | null>(numOovIndices).fill(oovToken)];
  return others.every((token, i) => token === numbers[i]) ? numbers.slice(others.length) : numbers;
}

/**
 * The numbers in data, the most frequent first; of equally frequent ones the greatest first.
 *
 * @param data Rows are documents; of one axis they are one.
 * @param options.most How many numbers there may be.
 * @param options.except What is left out.
 * @throws InvalidArgumentError for numbers that aren't whole.
 * @returns The numbers, and of each log(1 + documents / (1 + documents with it)).
 */
export function weightedTokens(
  data: Tensor,
  { most, except }: { most: number; except: readonly (number | null)[] },
): { tokens: number[]; weights: number[] } {
  const values = [...data.dataSync()];
  const odd = values.find((value) => !Number.isInteger(value));
  if (odd !== undefined) {
    throw invalidArgument("data", { expected: "whole numbers", received: odd });
  }
  const documents = data.rank < 2 ? 1 : data.shape[0]!;
  const length = values.length / documents;
  const counts = new Map<number, { times: number; documents: Set<number> }>();
  for (const [i, token] of values.entries()) {
    const known = counts.get(token) ?? { times: 0, documents: new Set<number>() };
    known.times++;
    known.documents.add(Math.floor(i / length));
    counts.set(token, known);
  }
  for (const token of except) if (token !== null) counts.delete(token);
  const found = [...counts]
    .sort(([a, one], [b, other]) => other.times - one.times || b - a)
    .slice(0, most);
  const weights = found.map(([, { documents: those }]) =>
    Math.log(1 + documents / (1 + those.size)),
  );
  return { tokens: found.map(([token]) => token), weights };
}
