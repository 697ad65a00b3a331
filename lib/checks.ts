/**
 * Checks of options: one wording for each kind.
 *
 * An option that was left out is `undefined`; it passes unless it is `required`.
 */
import { describeValue, InvalidArgumentError, invalidArgument } from "./errors";
import { nameMeant } from "./text";

/** Every option of a function, by name; a record, so that one that was forgotten doesn't compile. */
export type KnownOptions<Options> = Readonly<Record<keyof Options, true>>;

/** What every check takes. */
interface CheckOptions {
  /** Whether undefined is refused. False by default. */
  required?: boolean;
}

/** What a number may be: `low` and `high` are allowed themselves, `above` and `below` are not. */
export interface NumberRange extends CheckOptions {
  /** Least number. Any finite one by default. */
  low?: number;
  /** Greatest number. Any finite one by default; infinity has to be named, here or as `low`. */
  high?: number;
  /** What the number must be greater than. */
  above?: number;
  /** What the number must be less than. */
  below?: number;
}

/**
 * Refuses options that a function doesn't know, so that a typing error is not silently ignored.
 *
 * @param options The options as received.
 * @param known Every option there is.
 * @param where The function's name, for the message.
 * @throws InvalidArgumentError naming the unknown option, the allowed ones, and the one that was meant if it can be told;
 *   also when the options are no object.
 */
export function rejectUnknownOptions<Options extends object>(
  options: Options | undefined,
  known: KnownOptions<Options>,
  where: string,
): void {
  if (options === undefined) return;
  if (options === null || typeof options !== "object" || Array.isArray(options)) {
    throw new InvalidArgumentError(
      `${where} takes its options as an object. Received: ${describeValue(options)}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    throw new InvalidArgumentError(
      `${where} has no option \`${name}\`. Allowed: ${names.join(", ")}. Received: ${name}=${describeValue(value)}`,
      { hint: hintFor(name, value, names) },
    );
  }
}

/** The option that was meant: in Python's spelling, or by the name that it has elsewhere. */
function hintFor(name: string, value: unknown, known: readonly string[]): string | undefined {
  if (name === "quiet" && known.includes("verbose")) {
    return `Use \`verbose: ${value === false ? 1 : 0}\`.`;
  }
  if (name === "verbose" && known.includes("quiet")) {
    return `Use \`quiet: ${value === 0 || value === false}\`.`;
  }
  if (name === "strategy") {
    return "Only `fit`, `evaluate` and `predict` compute on several devices or in several processes.";
  }
  const meant = nameMeant(name, known);
  return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
}

/** Unless an option says otherwise: TensorFlow counts in int32, and what takes more steps has no end. */
const MOST = 2 ** 31 - 1;

/** The longest side of a picture, in pixels. */
const LONGEST_SIDE = 65_536;

/** Refuses what is no whole number within the range; without a `high`, the most is 2147483647. */
export function checkWhole(
  name: string,
  value: unknown,
  range: Pick<NumberRange, "low" | "high" | "required"> = {},
): void {
  const { low = -Infinity, high = MOST } = range;
  const isWhole = Number.isInteger(value) || value === range.high;
  const fits = isWhole && Number(value) >= low && Number(value) <= high;
  if (isLeftOut(value, range) || fits) return;
  const isTooLarge = isWhole && Number(value) > high;
  const isBounded = (range.high ?? Infinity) !== Infinity || isTooLarge;
  throw invalidArgument(name, {
    expected: wholeText(low, isBounded ? high : Infinity),
    received: value,
  });
}

function wholeText(low: number, high: number): string {
  if (low === -Infinity) return `a whole number${high === Infinity ? "" : ` of at most ${high}`}`;
  if (high !== Infinity) return `a whole number from ${low} to ${high}`;
  return low === 1 ? "a positive whole number" : `a whole number of at least ${low}`;
}

/** Refuses what is no number within the range. */
export function checkNumber(name: string, value: unknown, range: NumberRange = {}): void {
  if (isLeftOut(value, range) || isWithin(value, range)) return;
  throw invalidArgument(name, { expected: numberText(range), received: value });
}

/** Whether a value is a number within a range. */
export function isWithin(value: unknown, range: NumberRange): value is number {
  if (typeof value !== "number") return false;
  const { low = -Infinity, high = Infinity, above = -Infinity, below = Infinity } = range;
  if (!Number.isFinite(value)) return value === range.high || value === range.low;
  return value >= low && value <= high && value > above && value < below;
}

/** A bounded range as mathematics writes it: `[0, 1)`. */
export function intervalText({ low, high, above, below }: NumberRange): string {
  const start = above === undefined ? `[${low}` : `(${above}`;
  return `${start}, ${below === undefined ? `${high}]` : `${below})`}`;
}

function numberText(range: NumberRange): string {
  const { low, high = Infinity, above, below } = range;
  if (below !== undefined || high !== Infinity) return `a number in ${intervalText(range)}`;
  if (above !== undefined) return above === 0 ? "a positive number" : `a number above ${above}`;
  return low === undefined || low === -Infinity ? "a number" : `a number of at least ${low}`;
}

/** Refuses what is not one of the allowed values. */
export function checkOneOf(
  name: string,
  value: unknown,
  allowed: readonly (string | number | null)[],
  options: { hint?: string } = {},
): void {
  if (value === undefined || allowed.includes(value as string)) return;
  throw invalidArgument(name, {
    expected: `one of ${allowed.map((item) => JSON.stringify(item)).join(", ")}`,
    received: value,
    hint: options.hint,
  });
}

/** Refuses what is neither true nor false. */
export function checkBoolean(name: string, value: unknown, options: { hint?: string } = {}): void {
  if (value === undefined || typeof value === "boolean") return;
  throw invalidArgument(name, { expected: "true or false", received: value, hint: options.hint });
}

/** Refuses what is no degree of talking: 0 prints nothing, 1 what there is to say. */
export function checkVerbose(value: unknown, allowed: readonly ("auto" | number)[] = [0, 1]): void {
  // In Python true and false are numbers.
  const hint = typeof value === "boolean" ? `Use \`verbose: ${Number(value)}\`.` : undefined;
  checkOneOf("verbose", value, allowed, { hint });
}

/**
 * Refuses what is no text, and the empty one.
 *
 * @param options.what The text's meaning: `"a folder's path"`.
 */
export function checkText(
  name: string,
  value: unknown,
  options: CheckOptions & { what: string },
): void {
  if (isLeftOut(value, options) || (typeof value === "string" && value !== "")) return;
  throw invalidArgument(name, { expected: options.what, received: value });
}

/** Refuses what is no text; the empty one is allowed. */
export function checkString(name: string, value: unknown): void {
  if (value === undefined || typeof value === "string") return;
  throw invalidArgument(name, { expected: "a text", received: value });
}

/**
 * Refuses what is no function.
 *
 * @param options.what What it is a function of, where that isn't plain.
 */
export function checkFunction(
  name: string,
  value: unknown,
  options: CheckOptions & { what?: string } = {},
): void {
  if (isLeftOut(value, options) || typeof value === "function") return;
  throw invalidArgument(name, { expected: options.what ?? "a function", received: value });
}

/**
 * Refuses what is no list, an empty one, and one with an item that doesn't fit.
 *
 * @param options.what What the list holds: `"names of layers"`.
 */
export function checkList(
  name: string,
  value: unknown,
  options: CheckOptions & { what: string; fits(item: unknown): boolean },
): void {
  const { what, fits } = options;
  if (isLeftOut(value, options)) return;
  if (Array.isArray(value) && value.length > 0 && value.every(fits)) return;
  throw invalidArgument(name, { expected: `${what}, at least one`, received: value });
}

/** Refuses what is no list of texts. */
export function checkTexts(name: string, value: unknown, options: { what: string }): void {
  checkList(name, value, { ...options, fits: (item) => typeof item === "string" });
}

/** Refuses what can't say that something should stop. */
export function checkSignal(value: unknown): void {
  if (value === undefined || value instanceof AbortSignal) return;
  throw invalidArgument("signal", { expected: "an AbortSignal", received: value });
}

/** Refuses what is no object with names: a list, too. */
export function checkRecord(name: string, value: unknown, options: { what: string }): void {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  if (value === undefined || isRecord) return;
  throw invalidArgument(name, { expected: `an object of ${options.what}`, received: value });
}

/** Refuses what is neither one side in pixels nor two: height and width. */
export function checkSides(name: string, value: unknown): void {
  const sides = Array.isArray(value) ? value : [value, value];
  const areSides = sides.every(
    (side) => Number.isInteger(side) && side > 0 && side <= LONGEST_SIDE,
  );
  if (value === undefined || (sides.length === 2 && areSides)) return;
  throw invalidArgument(name, {
    expected: `one or two whole numbers from 1 to ${LONGEST_SIDE}: height and width`,
    received: value,
  });
}

/** Refuses what is not two different numbers. */
export function checkPair(name: string, value: unknown): void {
  if (value === undefined) return;
  const fits = Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  if (fits && value[0] !== value[1]) return;
  throw invalidArgument(name, { expected: "two different numbers", received: value });
}

function isLeftOut(value: unknown, { required = false }: CheckOptions): boolean {
  return value === undefined && !required;
}
