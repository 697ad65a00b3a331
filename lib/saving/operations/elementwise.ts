/** Operations on each value by itself. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { formulas } from "../../layers";
import { tf } from "../../tfjs";
import { ignored } from "../options";
import { strong } from "../types";
import { flag, nullable, number, type Options, whole } from "../values";
import type { OperationRule, OperationTable, Settings, TypeRule } from "./rule";
import { broadcast, fromFront } from "./shapes";
import {
  compared,
  giving,
  inFloat32,
  kept,
  together,
  togetherAsTensors,
  withoutBooleans,
  wrapping,
} from "./typeRules";

type Compute = (x: Tensor, settings: Settings) => Tensor;

/** Of one operand, computed in float32. */
const ofOne = (compute: Compute, options?: Options): OperationRule => ({
  options,
  operands: 1,
  shape: ([shape]) => shape!,
  types: inFloat32,
  compute: ([x], settings) => compute(x!, settings),
});

/** Of one operand, which keeps its type. */
const keepingType = (
  compute: (x: Tensor) => Tensor,
  { options, types }: Pick<OperationRule, "options" | "types"> = {},
): OperationRule => ({
  options,
  operands: 1,
  shape: ([shape]) => shape!,
  types,
  compute: ([x]) => compute(x!),
});

/** Of two operands, stretched to one another. */
const ofTwo = (types: TypeRule, compute: (a: Tensor, b: Tensor) => Tensor): OperationRule => ({
  operands: 2,
  shape: broadcast,
  types,
  compute: ([a, b]) => compute(a!, b!),
});

const arithmetic = wrapping(together);
const divide = ofTwo(inFloat32, (a, b) => tf.div(a, b));
// Nothing to do for truth values.
const absolute = keepingType((x) => (x.dtype === "bool" ? tf.clone(x) : tf.abs(x)), {
  types: wrapping(kept),
});
const logical = giving("bool");
const slope = { negative_slope: number() };
const lastAxis = { axis: whole() };

const unary: OperationTable = {
  Abs: absolute,
  Absolute: absolute,
  Arccos: ofOne((x) => tf.acos(x)),
  Arcsin: ofOne((x) => tf.asin(x)),
  Arctan: ofOne((x) => tf.atan(x)),
  Ceil: ofOne((x) => tf.ceil(x)),
  Copy: keepingType((x) => tf.clone(x)),
  Cos: ofOne((x) => tf.cos(x)),
  Cosh: ofOne((x) => tf.cosh(x)),
  Erf: ofOne((x) => tf.erf(x)),
  Exp: ofOne((x) => tf.exp(x)),
  Expm1: ofOne((x) => tf.expm1(x)),
  Floor: ofOne((x) => tf.floor(x)),
  Log: ofOne((x) => tf.log(x)),
  Log10: ofOne((x) => tf.div(tf.log(x), Math.LN10)),
  Log1p: ofOne((x) => tf.log1p(x)),
  Log2: ofOne((x) => tf.div(tf.log(x), Math.LN2)),
  LogicalNot: keepingType((x) => tf.logicalNot(tf.cast(x, "bool")), { types: logical }),
  Negative: keepingType((x) => tf.neg(x), { types: wrapping(kept) }),
  OnesLike: keepingType((x) => tf.onesLike(x), { options: { dtype: ignored(null) } }),
  Reciprocal: ofOne((x) => tf.reciprocal(x)),
  Rsqrt: ofOne((x) => tf.rsqrt(x)),
  Sign: keepingType((x) => tf.sign(x)),
  Sin: ofOne((x) => tf.sin(x)),
  Sinh: ofOne((x) => tf.sinh(x)),
  Sqrt: ofOne((x) => tf.sqrt(x)),
  Square: keepingType((x) => tf.square(x), { types: withoutBooleans(wrapping(kept)) }),
  Tan: ofOne((x) => tf.tan(x)),
  Tanh: ofOne((x) => tf.tanh(x)),
  ZerosLike: keepingType((x) => tf.zerosLike(x), { options: { dtype: ignored(null) } }),
};

const activations: OperationTable = {
  Celu: ofOne((x, { alpha }) => formulas.celu(x, alpha), { alpha: number() }),
  Elu: ofOne((x, { alpha }) => formulas.elu(x, alpha), { alpha: number() }),
  Gelu: ofOne((x, { approximate }) => formulas.gelu(x, approximate), { approximate: flag }),
  HardShrink: ofOne((x, { threshold }) => formulas.hardShrink(x, threshold), {
    threshold: number(),
  }),
  HardSigmoid: ofOne(formulas.hardSigmoid),
  HardSilu: ofOne(formulas.hardSilu),
  HardTanh: ofOne(formulas.hardTanh),
  LeakyRelu: ofOne((x, { negativeSlope }) => tf.leakyRelu(x, negativeSlope), slope),
  LogSigmoid: ofOne(formulas.logSigmoid),
  LogSoftmax: ofOne(
    (x, { axis }) => formulas.alongAxis(x, axis as number, (y) => tf.logSoftmax(y)),
    lastAxis,
  ),
  Mish: ofOne(formulas.mish),
  Relu: keepingType((x) => tf.relu(x)),
  Relu6: keepingType((x) => tf.relu6(x)),
  // `keras.activations.relu` leaves this one.
  ReLU: ofOne((x, settings) => formulas.relu(x, settings), {
    ...slope,
    max_value: nullable(number()),
    threshold: number(),
  }),
  Selu: ofOne((x) => tf.selu(x)),
  Sigmoid: ofOne((x) => tf.sigmoid(x)),
  Silu: ofOne(formulas.silu),
  SoftShrink: ofOne((x, { threshold }) => formulas.softShrink(x, threshold), {
    threshold: number(),
  }),
  Softmax: ofOne(
    (x, { axis }) => formulas.alongAxis(x, axis as number, (y) => tf.softmax(y)),
    lastAxis,
  ),
  Softplus: ofOne((x) => tf.softplus(x)),
  Softsign: ofOne(formulas.softsign),
  SparsePlus: ofOne(formulas.sparsePlus),
  SparseSigmoid: ofOne(formulas.sparseSigmoid),
  Squareplus: ofOne((x, { b }) => formulas.squareplus(x, b), { b: number() }),
  TanhShrink: ofOne(formulas.tanhShrink),
  Threshold: ofOne(
    (x, { threshold, defaultValue }) => formulas.threshold(x, threshold, defaultValue),
    {
      threshold: number(),
      default_value: number(),
    },
  ),
};

const binary: OperationTable = {
  Add: ofTwo(arithmetic, (a, b) => tf.add(a, b)),
  Arctan2: ofTwo(inFloat32, (a, b) => tf.atan2(a, b)),
  Divide: divide,
  Equal: ofTwo(compared, (a, b) => tf.equal(a, b)),
  FloorDivide: ofTwo(arithmetic, (a, b) => tf.floorDiv(a, b)),
  Greater: ofTwo(compared, (a, b) => tf.greater(a, b)),
  GreaterEqual: ofTwo(compared, (a, b) => tf.greaterEqual(a, b)),
  Less: ofTwo(compared, (a, b) => tf.less(a, b)),
  LessEqual: ofTwo(compared, (a, b) => tf.lessEqual(a, b)),
  LogicalAnd: ofTwo(logical, (a, b) => tf.logicalAnd(tf.cast(a, "bool"), tf.cast(b, "bool"))),
  LogicalOr: ofTwo(logical, (a, b) => tf.logicalOr(tf.cast(a, "bool"), tf.cast(b, "bool"))),
  Maximum: ofTwo(together, (a, b) => tf.maximum(a, b)),
  Minimum: ofTwo(together, (a, b) => tf.minimum(a, b)),
  Mod: ofTwo(withoutBooleans(togetherAsTensors), (a, b) => tf.mod(a, b)),
  Multiply: ofTwo(arithmetic, (a, b) => tf.mul(a, b)),
  NotEqual: ofTwo(compared, (a, b) => tf.notEqual(a, b)),
  Power: ofTwo(arithmetic, (a, b) => tf.pow(a, b)),
  Subtract: ofTwo(arithmetic, (a, b) => tf.sub(a, b)),
  TrueDivide: divide,
};

/** Operations on each value by itself, by Keras' class names. */
export const elementwise: OperationTable = {
  ...unary,
  ...activations,
  ...binary,
  Clip: {
    options: { x_min: number(), x_max: number() },
    operands: 1,
    shape: ([shape]) => shape!,
    types: withoutBooleans(kept),
    compute: ([x], { xMin, xMax }) => tf.clipByValue(x!, xMin, xMax),
  },
  Glu: {
    options: lastAxis,
    operands: 1,
    shape: ([shape], { axis }) => {
      const along = fromFront(axis as number, shape!.length);
      return shape!.map((size, i) => (i === along && size !== null ? size / 2 : size));
    },
    types: inFloat32,
    compute: ([x], { axis }) => formulas.glu(x!, axis as number),
  },
  Where: {
    operands: 3,
    shape: broadcast,
    types: ([condition, ...values], settings) => {
      const { operands, result } = together(values, settings);
      return { operands: [strong(condition!), ...operands], result };
    },
    compute: ([condition, a, b]) => tf.where(tf.cast(condition!, "bool"), a!, b!),
  },
};
