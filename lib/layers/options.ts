/** Shared checks of layer arguments. */
import type { serialization } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkOneOf,
  checkPair,
  checkText,
  checkWhole,
  intervalText,
  isWithin,
  type NumberRange,
} from "../checks";
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

export const commonLayerOptions = {
  name: true,
  inputShape: true,
  batchInputShape: true,
  batchSize: true,
  trainable: true,
  dtype: true,
} as const;

/** Refuses what can't be of any layer; null is left out, as tfjs has it. */
export function checkCommonLayerOptions(options: CommonLayerOptions): void {
  checkText("name", options.name ?? undefined, { what: "a name" });
  for (const name of ["inputShape", "batchInputShape"] as const) {
    const shape: unknown = options[name] ?? undefined;
    const isSide = (side: unknown) => side === null || (Number.isInteger(side) && Number(side) > 0);
    if (shape === undefined || (Array.isArray(shape) && shape.every(isSide))) continue;
    throw invalidArgument(name, {
      expected: "a list of positive whole numbers and null",
      received: shape,
    });
  }
  checkWhole("batchSize", options.batchSize ?? undefined, { low: 1 });
  checkBoolean("trainable", options.trainable ?? undefined);
  checkOneOf("dtype", options.dtype ?? undefined, ["float32"]);
}

/** A factor as the user writes it: one number for `[-factor, factor]`, or both bounds. */
export type Factor = number | [number, number];

/** A layer's configuration as plain data. */
export type Config = serialization.ConfigDict;

/** One of the allowed words; Python's spelling (`horizontal_and_vertical`) is understood. */
export function oneOf<T extends string>(
  argument: string,
  value: string | null | undefined,
  { allowed, byDefault }: { allowed: readonly T[]; byDefault: T },
): T {
  if (value === undefined || value === null) return byDefault;
  const spelled = String(value).replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  const found = allowed.find((each) => each === spelled);
  if (found === undefined) checkOneOf(argument, value, allowed);
  return found!;
}

/** Lower and upper bound of a factor, both within `range`; one number is the upper bound, and its opposite the lower. */
export function factorBounds(
  argument: string,
  factor: unknown,
  range: NumberRange,
): [number, number] {
  if (Array.isArray(factor) && factor.length === 2 && factor.every((end) => isWithin(end, range))) {
    const [a, b] = factor as [number, number];
    return a <= b ? [a, b] : [b, a];
  }
  if (isWithin(factor, range)) {
    const size = Math.abs(factor);
    return [Math.max(-size, range.low ?? -Infinity), size];
  }
  throw invalidArgument(argument, {
    expected: `a number or two numbers in ${intervalText(range)}`,
    received: factor,
  });
}

/** The range that pixel values have, least value first. */
export function valueRangeOf(value: [number, number] | null | undefined): [number, number] {
  const range = value ?? [0, 255];
  checkPair("valueRange", range);
  return range[0] < range[1] ? [range[0], range[1]] : [range[1], range[0]];
}
