/**
 * Random numbers out of random bits as TensorFlow's kernels make them.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/lib/random/random_distributions.h
 */
import { DType } from "../../../engine";
import type { GraphNode, Output } from "../../graphBuilder";
import type { Arithmetic } from "./arithmetic";

/** A float32 number has this many bits of mantissa; the lowest ones of a draw become it. */
const MANTISSA = 23;

/** TensorFlow's number of the generator. */
const PHILOX = 1;

/** The least number that a logarithm is taken of. */
const LEAST = 1e-7;

/** The numbers in [0, 1) of a `StatelessRandomUniform`. */
export function drawUniform(ops: Arithmetic, { inputs }: GraphNode): Output {
  const [shape, key] = inputs as [Output, Output];
  return fractions(ops, bits(ops, shape, key));
}

/** The numbers of a `StatelessRandomNormal`: two of each two draws, by Box and Muller. */
export function drawNormal(ops: Arithmetic, { inputs }: GraphNode): Output {
  const [shape, key] = inputs as [Output, Output];
  const size = product(ops, shape);
  const pairs = ops.int("FloorDiv", ops.int("AddV2", size, 1), 2);
  const drawn = bits(ops, vector(ops, [pairs, ops.ints(2)]), key);
  const [first, second] = [0, 1].map((column) =>
    ops.slice(fractions(ops, drawn), [0, column], [-1, 1]),
  ) as [Output, Output];
  const logarithm = ops.float("Log", ops.float("Maximum", first, LEAST));
  const radius = ops.float("Sqrt", ops.float("Mul", logarithm, -2));
  const angle = ops.float("Mul", second, 2 * Math.PI);
  const both = ["Sin", "Cos"].map((op) => ops.float("Mul", ops.float(op, angle), radius));
  const columns = ops.add("Pack", both, {
    attrs: { N: { int: 2 }, T: { type: DType.float32 }, axis: { int: 1 } },
    dtypes: [DType.float32],
  });
  const all = ops.reshape(columns, [-1]);
  return ops.reshape(ops.slice(all, [0], vector(ops, [size])), shape);
}

/** Random bits; the key is a scrambled one, int64 [2]. */
function bits(ops: Arithmetic, shape: Output, key: Output): Output {
  const half = (at: number) =>
    ops.add("Slice", [key, ops.ints([at]), ops.ints([1])], {
      attrs: { T: { type: DType.int64 }, Index: { type: DType.int32 } },
      dtypes: [DType.int64],
    });
  const unsigned = (value: Output) => ops.cast(value, DType.int64, DType.uint64);
  const zero = ops.cast(ops.ints([0]), DType.int32, DType.int64);
  const counter = ops.add("ConcatV2", [zero, half(1), ops.ints(0)], {
    attrs: { N: { int: 2 }, T: { type: DType.int64 }, Tidx: { type: DType.int32 } },
    dtypes: [DType.int64],
  });
  const inputs = [shape, unsigned(half(0)), unsigned(counter), ops.ints(PHILOX)];
  return ops.add("StatelessRandomUniformFullIntV2", inputs, {
    attrs: { dtype: { type: DType.int32 }, Tshape: { type: DType.int32 } },
    dtypes: [DType.int32],
  });
}

function fractions(ops: Arithmetic, drawn: Output): Output {
  const low = ops.int("BitwiseAnd", drawn, 2 ** MANTISSA - 1);
  return ops.float("Mul", ops.cast(low, DType.int32, DType.float32), 2 ** -MANTISSA);
}

/** How many numbers a shape holds. */
function product(ops: Arithmetic, shape: Output): Output {
  return ops.add("Prod", [shape, ops.ints(0)], {
    attrs: {
      T: { type: DType.int32 },
      Tidx: { type: DType.int32 },
      keep_dims: { bool: false },
    },
    dtypes: [DType.int32],
  });
}

function vector(ops: Arithmetic, items: Output[]): Output {
  return ops.add("Pack", items, {
    attrs: { N: { int: items.length }, T: { type: DType.int32 }, axis: { int: 0 } },
    dtypes: [DType.int32],
  });
}
