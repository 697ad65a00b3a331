/** Shared checks of layer arguments. */
import type { serialization } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";

/** What every layer takes, besides its own options. */
export interface CommonLayerOptions {
  /** Name of the layer, unique within a model. @default made from the class name */
  name?: string;
  /** Shape of one input without the batch dimension; only for the first layer of a Sequential. @default none */
  inputShape?: (number | null)[];
  /** Shape of the input with the batch dimension; only for the first layer of a Sequential. @default none */
  batchInputShape?: (number | null)[];
  /** Size of the batch, with `inputShape`. @default any */
  batchSize?: number;
  /** Whether the layer's weights are trained. @default true */
  trainable?: boolean;
  /** dtype of the layer. @default "float32" */
  dtype?: "float32";
}

export const commonLayerOptions = [
  "name",
  "inputShape",
  "batchInputShape",
  "batchSize",
  "trainable",
  "dtype",
] as const;

/** A factor as the user writes it: one number for `[-factor, factor]`, or both bounds. */
export type Factor = number | [number, number];

/** A layer's configuration as plain data. */
export type Config = serialization.ConfigDict;

/** Refuses a value that is not one of `allowed`; Python's spelling (`horizontal_and_vertical`) is understood. */
export function oneOf<T extends string>(
  argument: string,
  value: string | null | undefined,
  { allowed, byDefault }: { allowed: readonly T[]; byDefault: T },
): T {
  if (value === undefined || value === null) return byDefault;
  const spelled = String(value).replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (!allowed.includes(spelled as T)) {
    throw invalidArgument(argument, {
      expected: `one of ${allowed.map((name) => `"${name}"`).join(", ")}`,
      received: value,
    });
  }
  return spelled as T;
}

/** Lower and upper bound of a factor; both must lie within `bounds`. */
export function factorBounds(
  argument: string,
  factor: unknown,
  { least, most, openBelow = false }: { least: number; most: number; openBelow?: boolean },
): [number, number] {
  const allowed = (value: unknown) =>
    typeof value === "number" && value <= most && (openBelow ? value > least : value >= least);
  if (Array.isArray(factor) && factor.length === 2 && factor.every(allowed)) {
    const [a, b] = factor as [number, number];
    return a <= b ? [a, b] : [b, a];
  }
  if (allowed(factor)) {
    const size = Math.abs(factor as number);
    return [-size, size];
  }
  throw invalidArgument(argument, {
    expected: `a number or two numbers in ${openBelow ? "(" : "["}${least}, ${most}]`,
    received: factor,
  });
}

/** A number within [least, most]. */
export function numberWithin(
  argument: string,
  value: unknown,
  { least, most, below }: { least: number; most?: number; below?: number },
): number {
  const fits =
    typeof value === "number" &&
    value >= least &&
    value <= (most ?? Number.POSITIVE_INFINITY) &&
    value < (below ?? Number.POSITIVE_INFINITY);
  if (!fits) {
    const upper = most !== undefined ? `${most}]` : `${below ?? "∞"})`;
    throw invalidArgument(argument, {
      expected: `a number in [${least}, ${upper}`,
      received: value,
    });
  }
  return value;
}

/** A positive integer. */
export function positiveInteger(argument: string, value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw invalidArgument(argument, { expected: "a positive integer", received: value });
  }
  return value as number;
}

/** Two ascending numbers: the range that pixel values have. */
export function rangeOf(
  argument: string,
  value: [number, number] | null | undefined,
): [number, number] {
  const range = value ?? [0, 255];
  if (
    !Array.isArray(range) ||
    range.length !== 2 ||
    !range.every(Number.isFinite) ||
    range[0] === range[1]
  ) {
    throw invalidArgument(argument, { expected: "two different numbers", received: value });
  }
  return range[0] < range[1] ? [range[0], range[1]] : [range[1], range[0]];
}

/** Only the layout that TensorFlow's kernels have on every device: `[batch, height, width, channels]`. */
export function channelsLastOnly(dataFormat: string | null | undefined): void {
  oneOf("dataFormat", dataFormat, { allowed: ["channelsLast"], byDefault: "channelsLast" });
}
