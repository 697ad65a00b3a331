/**
 * Random numbers as TensorFlow makes them of a key.
 *
 * XLA, too, draws by Philox, and yet gives others: it takes a negative number of the key for a positive one, a uniform number
 * from the upper 23 bits where TensorFlow takes the lower, and a normal one by the inverse error function instead of Box's
 * and Muller's pairs.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/kernels/stateless_random_ops.cc
 * @see https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/lib/random/random_distributions_utils.h
 */
import { DType } from "../../tfjs";
import type { GraphAttr } from "../attributes";
import type { GraphNode, Output } from "../graphBuilder";
import type { Formula } from "./formula";

const int32 = { type: DType.int32 };
const int64 = { type: DType.int64 };
const uint64 = { type: DType.uint64 };
const MANTISSA = 0x7fffff;
/** The key by which TensorFlow scrambles the keys that it is given. */
const SCRAMBLER = 0x02461e29_3ec8f720n;
const PHILOX = 1;
/** The bits of 1 as float32. */
const ONE = 0x3f800000;

/** What `StatelessRandomUniform` gives, to the last bit. */
export function uniformNumbers(formula: Formula, node: GraphNode): Output[] {
  const [shape, key] = node.inputs as [Output, Output];
  return [uniform(formula, node, { shape, key })];
}

/** What `StatelessRandomNormal` gives, to the rounding of its functions. */
export function normalNumbers(formula: Formula, node: GraphNode): Output[] {
  const [shape, key] = node.inputs as [Output, Output];
  const f = (op: string, ...values: (Output | number)[]) => formula.floats(op, ...values);
  const { graph } = formula;
  const count = formula.op(
    "Prod",
    [shape, graph.int32(0)],
    { T: int32, Tidx: int32, keep_dims: { bool: false } },
    DType.int32,
  );
  const pairs = formula.ints("FloorDiv", formula.ints("AddV2", count, 1), 2);
  const numbers = uniform(formula, node, { shape: formula.vector(pairs, 2), key });
  const column = (index: number) => formula.column(numbers, index);
  const radius = f("Sqrt", f("Mul", f("Log", f("Maximum", column(0), 1e-7)), -2));
  const angle = f("Mul", column(1), 2 * Math.PI);
  const both = [f("Mul", f("Sin", angle), radius), f("Mul", f("Cos", angle), radius)];
  const packed = formula.op(
    "Pack",
    both,
    { N: { int: 2 }, T: { type: DType.float32 }, axis: { int: 1 } },
    DType.float32,
  );
  const flat = formula.reshape(packed, graph.int32([-1]));
  const wanted = formula.op(
    "Slice",
    [flat, graph.int32([0]), formula.vector(count)],
    { T: { type: DType.float32 }, Index: int32 },
    DType.float32,
  );
  return [formula.reshape(wanted, shape)];
}

function uniform(
  formula: Formula,
  { attrs: { T } }: GraphNode,
  { shape, key }: { shape: Output; key: Output },
): Output {
  const bits = philox(formula, { shape, ...scrambled(formula, key) }, { T, dtype: DType.int32 });
  const between1And2 = formula.op(
    "Bitcast",
    [formula.ints("BitwiseOr", formula.ints("BitwiseAnd", bits, MANTISSA), ONE)],
    { T: int32, type: { type: DType.float32 } },
    DType.float32,
  );
  return formula.floats("Sub", between1And2, 1);
}

/** What Philox draws by: uint64 [1] and [2]. */
interface Place {
  key: Output;
  counter: Output;
}

/** TensorFlow's `GenerateKey` of two int32 numbers. */
function scrambled(formula: Formula, numbers: Output): Place {
  const { graph } = formula;
  const wide = formula.op("Cast", [numbers], { SrcT: int32, DstT: int64 }, DType.int64);
  const counter = formula.op("Bitcast", [wide], { T: int64, type: uint64 }, DType.uint64);
  const key = graph.constant({
    dtype: DType.uint64,
    shape: [1],
    values: BigUint64Array.of(SCRAMBLER),
  });
  const use = { shape: graph.int32([2]), key, counter };
  const mixed = philox(formula, use, { T: int32, dtype: DType.uint64 });
  const part = (from: number) =>
    formula.op(
      "Slice",
      [mixed, graph.int32([from]), graph.int32([1])],
      { T: uint64, Index: int32 },
      DType.uint64,
    );
  const zero = graph.constant({ dtype: DType.uint64, shape: [1], values: BigUint64Array.of(0n) });
  const attrs = { N: { int: 2 }, T: uint64, Tidx: int32 };
  const inputs = [zero, part(1), graph.int32(0)];
  return { key: part(0), counter: formula.op("ConcatV2", inputs, attrs, DType.uint64) };
}

function philox(
  formula: Formula,
  { shape, key, counter }: Place & { shape: Output },
  { T = int32, dtype }: { T: GraphAttr | undefined; dtype: number },
): Output {
  return formula.op(
    "StatelessRandomUniformFullIntV2",
    [shape, key, counter, formula.graph.int32(PHILOX)],
    { dtype: { type: dtype }, Tshape: T },
    dtype,
  );
}
