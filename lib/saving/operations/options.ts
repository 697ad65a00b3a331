/** Kinds of options that only operations have. */
import { ignored } from "../options";
import { checked, type Option, oneOf } from "../values";

const isWhole = (value: unknown, low: number) => Number.isInteger(value) && Number(value) >= low;

/** Two whole numbers for each axis: what is added before and after. */
export const margins: Option = checked("two whole numbers of at least 0 for each axis", (v) => {
  const isPair = (each: unknown) =>
    Array.isArray(each) && each.length === 2 && each.every((side) => isWhole(side, 0));
  return Array.isArray(v) && v.every(isPair);
});

/** Sizes of which one may be -1; null is the input's own size on that axis. */
export const newSizes: Option = checked("a list of sizes, at most one of them -1", (v) => {
  if (!Array.isArray(v) || v.filter((size) => size === -1).length > 1) return false;
  return v.every((size) => size === null || isWhole(size, -1));
});

/** Einstein's summation, without an ellipsis. */
export const subscripts: Option = checked(
  "letters for the axes of one or two operands and of the result, as in ab,bc->ac",
  (v) => typeof v === "string" && /^[a-zA-Z]+(,[a-zA-Z]+)?->[a-zA-Z]*$/.test(v),
);

/** Only the layout with the channels last, which is the default. */
export const channelsLast: Option = {
  ...ignored(null),
  read: (v, where) => oneOf(null, "channels_last").read(v, where),
};

const types: Record<string, "float32" | "int32" | "bool"> = {
  bool: "bool",
  float32: "float32",
  float64: "float32",
  int32: "int32",
  int64: "int32",
};

/** The type of numbers, as the one that computes here; none that would wrap around or round. */
export const dtype: Option = {
  read: (v, where) => types[oneOf(...Object.keys(types)).read(v, where) as string],
  write: (v) => v as string,
};
