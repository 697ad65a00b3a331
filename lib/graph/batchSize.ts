/**
 * One graph for every batch size.
 *
 * A traced step has its batch size baked into shapes and divisors. Two traces, of five and of seven examples,
 * are the same except there: a number that grows from 5k to 7k is `k × batch`, one that falls from c/5 to c/7 is
 * `c / batch`. Whatever differs by no such rule was made in JavaScript and can't be part of a graph.
 */

import { describeValue } from "../errors";
import { DType } from "../tfjs";
import type { ConstantValue } from "./attributes";
import { numbersOf, sameConstant, sameShape, uniformValue } from "./constants";
import { NotCompilableError } from "./notCompilable";
import type { Ref, TracedFunction, TracedOp } from "./trace";

/** The batch sizes to trace. */
export const TRACED_SIZES = [5, 7] as const;

/** A number that may depend on the batch size. */
export type Scaled = number | { timesBatch: number } | { overBatch: number };

/** A constant that may depend on the batch size. */
export type GeneralConstant =
  | { kind: "fixed"; value: ConstantValue }
  | { kind: "scaled"; dtype: number; shape: readonly number[]; values: Scaled[] }
  | { kind: "fill"; dtype: number; shape: Scaled[]; value: Scaled };

/** A traced op whose output shapes have -1 where the size varies with the batch. */
type GeneralOp = TracedOp;

/** A step for any batch size. */
export interface GeneralTrace extends Omit<TracedFunction, "constants" | "ops"> {
  ops: GeneralOp[];
  constants: GeneralConstant[];
}

/**
 * Finds what two traces of the same step have in common.
 *
 * @param first The trace of a batch of the first of `TRACED_SIZES`.
 * @param second The trace of a batch of the second.
 * @throws NotCompilableError when they differ by anything but the batch size.
 */
export function generalize(first: TracedFunction, second: TracedFunction): GeneralTrace {
  if (
    first.ops.length !== second.ops.length ||
    first.constants.length !== second.constants.length
  ) {
    throw new NotCompilableError("the step takes another course for another batch size");
  }
  const ops = first.ops.map((op, i) => generalOp(op, second.ops[i]!));
  const constants = first.constants.map((value, i) => generalConstant(value, second.constants[i]!));
  return { ...first, ops, constants };
}

function generalOp(a: TracedOp, b: TracedOp): GeneralOp {
  if (a.name !== b.name || a.inputs.some((ref, i) => !sameRef(ref, b.inputs[i]!))) {
    throw new NotCompilableError(`the step takes another course at ${a.name}`);
  }
  if (JSON.stringify(a.attrs) !== JSON.stringify(b.attrs)) {
    throw new NotCompilableError(`the attributes of ${a.name} depend on the batch size`);
  }
  const outputs = a.outputs.map(({ shape, dtype }, i) => {
    const other = b.outputs[i]!.shape;
    return { shape: shape.map((size, axis) => (size === other[axis] ? size : -1)), dtype };
  });
  return { ...a, outputs };
}

/** Whether two values come from the same place. */
export function sameRef(a: Ref, b: Ref): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function generalConstant(a: ConstantValue, b: ConstantValue): GeneralConstant {
  const { dtype } = a;
  if (sameConstant(a, b)) return { kind: "fixed", value: a };
  if (sameShape(a.shape, b.shape)) {
    const values = a.isUniform ? undefined : scaledValues(a, b);
    if (values !== undefined) return { kind: "scaled", dtype, shape: a.shape, values };
  } else if (a.shape.length === b.shape.length) {
    const [x, y] = [uniformValue(a), uniformValue(b)];
    const shape = a.shape.map((size, i) => scaled(size, b.shape[i]!));
    const value = x === undefined || y === undefined ? undefined : scaled(x, y);
    if (value !== undefined && shape.every((size) => size !== undefined)) {
      return { kind: "fill", dtype, shape, value };
    }
  }
  throw new NotCompilableError(
    `the step makes data in JavaScript: ${describeValue({ dtype: dtypeName(dtype), shape: [...a.shape] })}`,
    { hint: "Random layers of tfjs do so; those of convnets draw their numbers in TensorFlow." },
  );
}

/** The rules behind two lists of numbers; undefined where one has none. */
function scaledValues(a: ConstantValue, b: ConstantValue): Scaled[] | undefined {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  const rules: Scaled[] = [];
  for (let i = 0; i < x.length; i++) {
    const rule = scaled(Number(x[i]), Number(y[i]));
    if (rule === undefined) return undefined;
    rules.push(rule);
  }
  return rules;
}

/** The rule behind two values, at the one and the other of `TRACED_SIZES`. */
function scaled(first: number, second: number): Scaled | undefined {
  if (Object.is(first, second)) return first;
  const [one, other] = TRACED_SIZES;
  if (isClose(first / one, second / other)) return { timesBatch: first / one };
  if (isClose(first * one, second * other)) return { overBatch: first * one };
  return undefined;
}

/** Equal to within the rounding of float32. */
export function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2e-7 * Math.max(Math.abs(a), Math.abs(b));
}

function dtypeName(dtype: number): string {
  return Object.entries(DType).find(([, number]) => number === dtype)?.[0] ?? String(dtype);
}
