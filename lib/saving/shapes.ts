/** Shapes as Keras' descriptions have them. */
import { describeValue } from "../errors";
import type { Json } from "../json";
import { ModelFileError } from "./json";

/** A shape, its open sizes null; undefined where there is none. */
export function asShape(value: Json | undefined): (number | null)[] | undefined {
  if (value === undefined || value === null) return undefined;
  const isSize = (size: Json) => size === null || (Number.isInteger(size) && (size as number) > 0);
  if (Array.isArray(value) && value.every(isSize)) return value as (number | null)[];
  throw new ModelFileError(`has the input shape ${describeValue(value)}`);
}
