/**
 * Traces of the same step, side by side.
 *
 * A trace holds what JavaScript had at its time: numbers, tensors, the way that was taken. Two of them tell whether
 * the step is the same each time, and a third at another batch size whether a rule for all sizes holds there.
 */
import { describeValue } from "../errors";
import { DType } from "../tfjs";
import type { ConstantValue } from "./attributes";
import {
  type GeneralConstant,
  type GeneralTrace,
  isClose,
  type Scaled,
  sameRef,
} from "./batchSize";
import { numbersOf, sameConstant, sameShape, uniformValue } from "./constants";
import { NotCompilableError } from "./notCompilable";
import type { Ref, TracedFunction, TracedOp } from "./trace";

/**
 * Where two traces of one step at one batch size differ.
 *
 * @returns A sentence's end, such as "Mul takes 2 where it took 1"; undefined when they are the same.
 */
export function differenceOf(a: TracedFunction, b: TracedFunction): string | undefined {
  const course = otherCourse(a, b);
  if (course !== undefined) return course;
  const index = a.constants.findIndex((value, i) => !sameConstant(value, b.constants[i]!));
  return index < 0 ? undefined : otherConstant(a, b, index);
}

/**
 * The factors by which a step multiplies its parameters in JavaScript.
 *
 * @param first A trace with the one value of each parameter.
 * @param second A trace at the same batch size with the other values.
 * @param values Both values of each.
 * @throws NotCompilableError when the traces differ by anything else.
 */
export function factorsBetween(
  first: TracedFunction,
  second: TracedFunction,
  values: readonly (readonly [number, number])[],
): number[] {
  const course = otherCourse(first, second);
  if (course !== undefined) throw changesByItself(course);
  const factors = new Set<number>();
  first.constants.forEach((value, i) => {
    const other = second.constants[i]!;
    if (sameConstant(value, other)) return;
    const factor = values
      .map((pair) => factorOf([value, other], pair))
      .find((factor) => factor !== undefined);
    if (factor === undefined) throw changesByItself(otherConstant(first, second, i));
    factors.add(factor);
  });
  return [...factors];
}

function changesByItself(how: string): NotCompilableError {
  return new NotCompilableError(`the step is another one each time it is called: ${how}`, {
    hint: "Keep what changes from step to step in a `tf.variable`: it is part of the graph.",
  });
}

function factorOf(
  [a, b]: [ConstantValue, ConstantValue],
  [one, other]: readonly [number, number],
): number | undefined {
  if (a.dtype !== DType.float32 || a.shape.length > 0 || b.shape.length > 0) return undefined;
  const factor = Number(numbersOf(a)[0]) / one;
  return isClose(factor, Number(numbersOf(b)[0]) / other) ? factor : undefined;
}

/**
 * Where a trace is not what the rules for all batch sizes say.
 *
 * @param general The rules.
 * @param trace The trace of a batch of another size than those that the rules were found from.
 * @param size The size.
 */
export function disagreement(
  general: GeneralTrace,
  trace: TracedFunction,
  size: number,
): string | undefined {
  const course = otherCourse(general, trace);
  if (course !== undefined) return course;
  const index = general.constants.findIndex((rule, i) => !holds(rule, trace.constants[i]!, size));
  return index < 0 ? undefined : `a constant of ${userOf(trace, index)} follows another rule`;
}

/** A trace as it is, for batches of just its size. */
export function fixed(trace: TracedFunction): GeneralTrace {
  return { ...trace, constants: trace.constants.map((value) => ({ kind: "fixed", value })) };
}

function holds(rule: GeneralConstant, value: ConstantValue, size: number): boolean {
  if (rule.kind === "fixed") return sameConstant(rule.value, value);
  if (rule.dtype !== value.dtype) return false;
  const isAs = (scaled: Scaled, number: number) => isClose(atSize(scaled, size), number);
  if (rule.kind === "fill") {
    const number = uniformValue(value);
    if (number === undefined || !isAs(rule.value, number)) return false;
    const { shape } = rule;
    return shape.length === value.shape.length && shape.every((n, i) => isAs(n, value.shape[i]!));
  }
  if (!sameShape(rule.shape, value.shape) || value.isUniform) return false;
  const numbers = numbersOf(value);
  return rule.values.every((scaled, i) => isAs(scaled, Number(numbers[i])));
}

function atSize(scaled: Scaled, size: number): number {
  if (typeof scaled === "number") return scaled;
  return "timesBatch" in scaled ? scaled.timesBatch * size : scaled.overBatch / size;
}

type Course = Omit<TracedFunction, "constants"> & { constants: readonly unknown[] };

/** Where two traces differ other than in constants. A size of -1 is as large as any. */
function otherCourse(a: Course, b: Course): string | undefined {
  for (const [i, op] of a.ops.entries()) {
    const other = b.ops[i];
    if (other === undefined) return `${op.name} is left out`;
    if (op.name !== other.name) return `${other.name} is run where ${op.name} was`;
    if (!sameOp(op, other)) return `${op.name} is run otherwise`;
  }
  if (b.ops.length > a.ops.length) return `${b.ops[a.ops.length]!.name} is run in addition`;
  const isSame =
    a.constants.length === b.constants.length &&
    a.keys.length === b.keys.length &&
    a.keys.every((source, i) => source === b.keys[i]) &&
    sameRefs(a.outputs, b.outputs) &&
    sameRefs([...a.updates.values()], [...b.updates.values()]) &&
    sameRefs([...a.marks.values()], [...b.marks.values()]) &&
    sameNames(a.updates, b.updates) &&
    sameNames(a.marks, b.marks);
  return isSame ? undefined : "other values are returned or assigned";
}

function sameOp(a: TracedOp, b: TracedOp): boolean {
  const fits = ({ shape, dtype }: TracedOp["outputs"][number], i: number) => {
    const other = b.outputs[i]!;
    return (
      dtype === other.dtype &&
      shape.length === other.shape.length &&
      shape.every((size, axis) => size === -1 || size === other.shape[axis])
    );
  };
  return (
    sameRefs(a.inputs, b.inputs) &&
    a.outputs.every(fits) &&
    JSON.stringify(a.attrs) === JSON.stringify(b.attrs)
  );
}

function sameRefs(a: readonly Ref[], b: readonly Ref[]): boolean {
  return a.length === b.length && a.every((ref, i) => sameRef(ref, b[i]!));
}

function sameNames(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((name) => b.has(name));
}

function otherConstant(a: TracedFunction, b: TracedFunction, index: number): string {
  const [before, now] = [a.constants[index]!, b.constants[index]!];
  return `${userOf(b, index)} takes ${inWords(now)} where it took ${inWords(before)}`;
}

/** The op that takes a constant. */
function userOf({ ops }: Course, index: number): string {
  const takes = (ref: Ref) => ref.from === "constant" && ref.constant === index;
  return ops.find(({ inputs }) => inputs.some(takes))?.name ?? "a result";
}

function inWords(constant: ConstantValue): string {
  const { shape } = constant;
  const numbers = numbersOf(constant);
  if (shape.length === 0) return String(numbers[0]);
  const some = Array.from(numbers.slice(0, 4), Number);
  return describeValue({ shape, values: some });
}
