/** What a layer is told for each axis of sequences, pictures and volumes. */
import { invalidArgument } from "../errors";

/** How many axes there are besides those of examples and channels. */
export type Rank = 1 | 2 | 3;

const counts = { 1: "one", 2: "two", 3: "three" } as const;

/** TensorFlow counts in int32. */
const MOST = 2 ** 31 - 1;

const isWhole = (value: unknown, low: number): value is number =>
  Number.isInteger(value) && Number(value) >= low && Number(value) <= MOST;

/**
 * One whole number for each axis.
 *
 * @param value One for all, or a list of one for each; null counts as left out.
 * @param options.low The least that it may be. 1 by default.
 * @param options.byDefault Where it is left out; without it, it mustn't be.
 * @throws InvalidArgumentError for anything else.
 */
export function perAxis(
  name: string,
  value: unknown,
  { rank, low = 1, byDefault }: { rank: Rank; low?: number; byDefault?: number },
): number[] {
  const all = (value ?? byDefault) as unknown;
  const list: unknown[] = Array.isArray(all) ? all : Array(rank).fill(all);
  if (list.length === rank && list.every((each) => isWhole(each, low))) return list as number[];
  const kind = low === 1 ? "a positive whole number" : `a whole number of at least ${low}`;
  throw invalidArgument(name, {
    expected: `${kind}, or a list of ${counts[rank]}`,
    received: value,
  });
}

/** How much is added or taken away before and behind, on each axis. */
export type Borders = [before: number, behind: number][];

/**
 * What is added or taken away at both ends of each axis.
 *
 * @param value One number for all ends; of sequences also `[before, behind]`; else one for each axis, each a number or a
 *   pair. Null counts as left out.
 * @throws InvalidArgumentError for anything else.
 */
export function bordersOf(
  name: string,
  value: unknown,
  { rank, byDefault }: { rank: Rank; byDefault: number },
): Borders {
  const all = (value ?? byDefault) as unknown;
  const isPair = (each: unknown): each is [number, number] =>
    Array.isArray(each) && each.length === 2 && each.every((end) => isWhole(end, 0));
  const isOneList = rank > 1 && Array.isArray(all);
  const list: unknown[] = isOneList ? all : Array(rank).fill(all);
  if (list.length === rank && list.every((each) => isPair(each) || isWhole(each, 0))) {
    return list.map((each) => (isPair(each) ? each : [Number(each), Number(each)]));
  }
  const lists =
    rank === 1
      ? "[before, behind]"
      : `a list of ${counts[rank]}, each such a number or [before, behind]`;
  throw invalidArgument(name, {
    expected: `a whole number of at least 0, or ${lists}`,
    received: value,
  });
}
