/** Operations that make one value of several. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../tfjs";
import { only } from "../options";
import { axes, flag, nullable, type Options, whole } from "../values";
import type { OperationRule, OperationTable, Settings, TypeRule } from "./rule";
import { meantAxes, reduced } from "./shapes";
import { giving, inFloat32, ofOrder, summed, withoutBooleans, wrapping } from "./typeRules";

type Compute = (x: Tensor, axes: number[], keepdims: boolean) => Tensor;

const overAxes: Options = { axis: nullable(axes()), keepdims: flag };

const reduction = (types: TypeRule, compute: Compute, more: Options = {}): OperationRule => ({
  options: { ...overAxes, ...more },
  operands: 1,
  types,
  shape: ([shape], { axis, keepdims }) => reduced(shape!, axis, keepdims),
  compute: ([x], { axis, keepdims }) => compute(x!, meantAxes(axis, x!.rank), keepdims),
});

/** Computed in float32. */
const inFloat = (compute: Compute, more?: Options) => reduction(inFloat32, compute, more);

const ofBooleans = (compute: Compute) =>
  reduction(giving("bool"), (x, ...rest) => compute(tf.cast(x, "bool"), ...rest));

const withoutStart: Options = { initial: only(null) };

const max: Compute = (x, over, keepdims) => tf.max(x, over, keepdims);
const min: Compute = (x, over, keepdims) => tf.min(x, over, keepdims);
const variance: Compute = (x, over, keepdims) => tf.moments(x, over, keepdims).variance;

/** The index of the largest or smallest; of everything where there is no axis. */
const index = (compute: (x: Tensor, axis: number) => Tensor): OperationRule => ({
  options: { axis: nullable(whole()), keepdims: flag },
  operands: 1,
  shape: ([shape], { axis, keepdims }) => reduced(shape!, axis, keepdims),
  types: withoutBooleans(giving("int32")),
  compute: ([x], { axis, keepdims }: Settings) => {
    const found =
      axis === null ? compute(tf.reshape(x!, [-1]), 0) : compute(x!, meantAxes(axis, x!.rank)[0]!);
    return keepdims ? tf.reshape(found, reduced(x!.shape, axis, true) as number[]) : found;
  },
});

/** Operations that make one value of several, by Keras' class names. */
export const reductions: OperationTable = {
  All: ofBooleans((x, over, keepdims) => tf.all(x, over, keepdims)),
  Amax: reduction(ofOrder, max),
  Amin: reduction(ofOrder, min),
  Any: ofBooleans((x, over, keepdims) => tf.any(x, over, keepdims)),
  Argmax: index((x, axis) => tf.argMax(x, axis)),
  Argmin: index((x, axis) => tf.argMin(x, axis)),
  Logsumexp: inFloat((x, over, keepdims) => tf.logSumExp(x, over, keepdims)),
  Max: reduction(ofOrder, max, withoutStart),
  Mean: inFloat((x, over, keepdims) => tf.mean(x, over, keepdims)),
  Min: reduction(ofOrder, min, withoutStart),
  Norm: inFloat((x, over, keepdims) => tf.sqrt(tf.sum(tf.square(x), over, keepdims)), {
    ord: only(null),
  }),
  Prod: reduction(wrapping(summed), (x, over, keepdims) => tf.prod(x, over, keepdims), {
    dtype: only(null),
  }),
  Std: inFloat((...given) => tf.sqrt(variance(...given))),
  Sum: reduction(summed, (x, over, keepdims) => tf.sum(x, over, keepdims)),
  Var: inFloat(variance),
};
