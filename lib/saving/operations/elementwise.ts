/** Operations on each value by itself. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { formulas } from "../../layers";
import { tf } from "../../tfjs";
import { ignored } from "../options";
import { flag, nullable, number, type Options, whole } from "../values";
import type { OperationRule, OperationTable, Settings } from "./rule";
import { broadcast, fromFront } from "./shapes";

type Compute = (x: Tensor, settings: Settings) => Tensor;

/** Of one operand, computed in float32. */
const ofOne = (compute: Compute, options?: Options): OperationRule => ({
  options,
  operands: 1,
  shape: ([shape]) => shape!,
  compute: ([x], settings) => compute(tf.cast(x!, "float32"), settings),
});

/** Of one operand, which keeps its type. */
const keepingType = (compute: (x: Tensor) => Tensor, options?: Options): OperationRule => ({
  options,
  operands: 1,
  shape: ([shape]) => shape!,
  compute: ([x]) => compute(x!),
});

/** Of two operands, stretched to one another. */
const ofTwo = (compute: (a: Tensor, b: Tensor) => Tensor): OperationRule => ({
  operands: 2,
  shape: broadcast,
  compute: ([a, b]) => compute(a!, b!),
});

const inFloat = (compute: (a: Tensor, b: Tensor) => Tensor) =>
  ofTwo((a, b) => compute(tf.cast(a, "float32"), tf.cast(b, "float32")));

const divide = inFloat((a, b) => tf.div(a, b));
const absolute = keepingType((x) => tf.abs(x));
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
  LogicalNot: keepingType((x) => tf.logicalNot(tf.cast(x, "bool"))),
  Negative: keepingType((x) => tf.neg(x)),
  OnesLike: keepingType((x) => tf.onesLike(x), { dtype: ignored(null) }),
  Reciprocal: ofOne((x) => tf.reciprocal(x)),
  Rsqrt: ofOne((x) => tf.rsqrt(x)),
  Sign: keepingType((x) => tf.sign(x)),
  Sin: ofOne((x) => tf.sin(x)),
  Sinh: ofOne((x) => tf.sinh(x)),
  Sqrt: ofOne((x) => tf.sqrt(x)),
  Square: keepingType((x) => tf.square(x)),
  Tan: ofOne((x) => tf.tan(x)),
  Tanh: ofOne((x) => tf.tanh(x)),
  ZerosLike: keepingType((x) => tf.zerosLike(x), { dtype: ignored(null) }),
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
  Relu: ofOne((x) => tf.relu(x)),
  Relu6: ofOne((x) => tf.relu6(x)),
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
  Add: ofTwo((a, b) => tf.add(a, b)),
  Arctan2: inFloat((a, b) => tf.atan2(a, b)),
  Divide: divide,
  Equal: ofTwo((a, b) => tf.equal(a, b)),
  FloorDivide: ofTwo((a, b) => tf.floorDiv(a, b)),
  Greater: ofTwo((a, b) => tf.greater(a, b)),
  GreaterEqual: ofTwo((a, b) => tf.greaterEqual(a, b)),
  Less: ofTwo((a, b) => tf.less(a, b)),
  LessEqual: ofTwo((a, b) => tf.lessEqual(a, b)),
  LogicalAnd: ofTwo((a, b) => tf.logicalAnd(tf.cast(a, "bool"), tf.cast(b, "bool"))),
  LogicalOr: ofTwo((a, b) => tf.logicalOr(tf.cast(a, "bool"), tf.cast(b, "bool"))),
  Maximum: ofTwo((a, b) => tf.maximum(a, b)),
  Minimum: ofTwo((a, b) => tf.minimum(a, b)),
  Mod: ofTwo((a, b) => tf.mod(a, b)),
  Multiply: ofTwo((a, b) => tf.mul(a, b)),
  NotEqual: ofTwo((a, b) => tf.notEqual(a, b)),
  Power: inFloat((a, b) => tf.pow(a, b)),
  Subtract: ofTwo((a, b) => tf.sub(a, b)),
  TrueDivide: divide,
};

/** Operations on each value by itself, by Keras' class names. */
export const elementwise: OperationTable = {
  ...unary,
  ...activations,
  ...binary,
  Clip: {
    ...ofOne((x, { xMin, xMax }) => tf.clipByValue(x, xMin, xMax)),
    options: { x_min: number(), x_max: number() },
  },
  Glu: {
    options: lastAxis,
    operands: 1,
    shape: ([shape], { axis }) => {
      const along = fromFront(axis as number, shape!.length);
      return shape!.map((size, i) => (i === along && size !== null ? size / 2 : size));
    },
    compute: ([x], { axis }) => formulas.glu(x!, axis as number),
  },
  Where: {
    operands: 3,
    shape: broadcast,
    compute: ([condition, a, b]) => tf.where(tf.cast(condition!, "bool"), a!, b!),
  },
};
