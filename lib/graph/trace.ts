/**
 * Records what TensorFlow is asked to do by a function of tfjs.
 *
 * tfjs on Node runs every op through one native binding. For the time of a trace a stand-in takes the
 * binding's place: it writes each op down, with the places its inputs came from, and lets TensorFlow infer the
 * shapes of the results. Nothing is computed, so a trace costs no time and no memory to speak of, and neither data
 * nor variables change.
 */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { type KeySource, listenToKeys } from "../engine";
import { describeValue } from "../errors";
import {
  type BindingAttr,
  type BindingOutput,
  DType,
  entryOf,
  type KernelAttr,
  type ReplacedTensorFlow,
  registeredVariables,
  replaceTensorFlow,
  type StandIn,
  tf,
} from "../tfjs";
import type { ConstantValue } from "./attributes";
import { compact } from "./constants";
import { Inference, type InferredValue } from "./inference";
import { NotCompilableError } from "./notCompilable";

/** Where a value of a trace comes from. */
export type Ref =
  | { from: "op"; op: number; output: number }
  | { from: "constant"; constant: number }
  | { from: "input"; name: string }
  | { from: "variable"; name: string }
  | { from: "key"; key: number }
  | { from: "parameter"; name: string; factor: number };

/** One op that ran. */
export interface TracedOp {
  name: string;
  attrs: Record<string, KernelAttr>;
  inputs: Ref[];
  outputs: { shape: number[]; dtype: number }[];
}

/** Everything that a function did. */
export interface TracedFunction {
  ops: TracedOp[];
  constants: ConstantValue[];
  /** Where each random key came from, in the order of the draws. */
  keys: KeySource[];
  /** The function's results. */
  outputs: Ref[];
  /** New values of the variables that the function changed. */
  updates: Map<string, Ref>;
  /** Values that the function pointed out. */
  marks: Map<string, Ref>;
  /** The variables that were read, changed or pointed out. */
  variables: Map<string, Variable>;
}

/** What a traced function can say about its values. */
export interface Recorder {
  /** Points out a value, to be found in `TracedFunction.marks`. */
  mark(name: string, tensor: Tensor): void;
  /** Says that a tensor made meanwhile stands for a further input of the graph. */
  input(name: string, tensor: Tensor): void;
}

/** What a trace needs to know besides the function. */
export interface TraceOptions {
  /** The tensors that stand for the graph's inputs, by name. */
  inputs: Record<string, Tensor>;
  /**
   * Numbers that change from run to run, by name: a scalar constant of just this value, or of its negative, is taken
   * for the parameter. Give values that nothing else in the step has.
   *
   * @default none
   */
  parameters?: Record<string, number>;
  /**
   * Factors other than 1 and -1 by which JavaScript multiplies parameters: such a multiple is one of the parameter, too.
   *
   * @default none
   */
  factors?: readonly number[];
}

/**
 * Runs a function on tensors without values and records its ops.
 *
 * Variables that the function assigns are left without a value: the caller restores them.
 *
 * @param fn What to trace; it must be synchronous and return tensors, which the trace disposes.
 * @throws NotCompilableError when the function reads values back into JavaScript.
 */
export function trace(fn: (recorder: Recorder) => Tensor[], options: TraceOptions): TracedFunction {
  const recording = new Recording(options);
  const stop = recording.start();
  try {
    const results = fn(recording);
    try {
      return recording.finish(results);
    } finally {
      tf.dispose(results);
    }
  } finally {
    stop();
  }
}

/** A value of the trace; tfjs knows it by a number. */
interface TracedValue {
  /** For a constant that no op has used yet: none. It gets its place at the first use, so that caches don't matter. */
  ref: Ref | undefined;
  constant: ConstantValue | undefined;
  inferred: InferredValue;
}

/** tfjs frees what has a number from 0 on, and -1 is "not yet uploaded": traced values count from -2 downwards. */
const FIRST_NUMBER = -2;

class Recording implements Recorder, StandIn {
  private readonly ops: TracedOp[] = [];
  private readonly constants: ConstantValue[] = [];
  private readonly keys: KeySource[] = [];
  private readonly marks = new Map<string, Ref>();
  private readonly variables = new Map<string, Variable>();
  private readonly values: TracedValue[] = [];
  private readonly numberByData = new Map<object, number>();
  /** What tfjs' data stand for, other than constants and results. */
  private readonly refByData = new Map<object, Ref>();
  private readonly startData = new Map<string, object>();
  /** float32 value → the parameter it stands for. */
  private readonly parameters = new Map<number, Ref>();
  private readonly inference = new Inference();
  private tensorflow!: ReplacedTensorFlow;

  constructor({ inputs, parameters = {}, factors = [] }: TraceOptions) {
    for (const [name, value] of Object.entries(parameters)) {
      for (const factor of [1, -1, ...factors]) {
        this.parameters.set(Math.fround(value * factor), { from: "parameter", name, factor });
      }
    }
    for (const [name, tensor] of Object.entries(inputs)) {
      this.refByData.set(tensor.dataId, { from: "input", name });
    }
    for (const [name, variable] of Object.entries(registeredVariables())) {
      this.startData.set(name, variable.dataId);
      this.refByData.set(variable.dataId, { from: "variable", name });
    }
  }

  start(): () => void {
    this.tensorflow = replaceTensorFlow(this);
    const keyStates = new Map<KeySource, ReturnType<KeySource["getState"]>>();
    const stopKeys = listenToKeys((tensor, source) => {
      if (!keyStates.has(source)) {
        const { seed, counter } = source.getState();
        keyStates.set(source, { seed, counter: counter - 1 });
      }
      this.refByData.set(tensor.dataId, { from: "key", key: this.keys.length });
      this.keys.push(source);
    });
    return () => {
      this.inference.close();
      stopKeys();
      // A trace is no step: the next one draws the same numbers as if there had been none.
      for (const [source, state] of keyStates) source.setState(state);
      this.tensorflow.restore();
    };
  }

  mark(name: string, tensor: Tensor): void {
    this.marks.set(name, this.refOf(this.numberOf(tensor)));
  }

  input(name: string, tensor: Tensor): void {
    this.refByData.set(tensor.dataId, { from: "input", name });
  }

  finish(results: Tensor[]): TracedFunction {
    const { ops, constants, keys, marks, variables } = this;
    const updates = new Map<string, Ref>();
    for (const [name, variable] of Object.entries(registeredVariables())) {
      if (this.startData.has(name) && this.startData.get(name) !== variable.dataId) {
        updates.set(name, this.refOf(this.numberOf(variable)));
        variables.set(name, variable);
      }
    }
    const outputs = results.map((tensor) => this.refOf(this.numberOf(tensor)));
    return { ops, constants, keys, outputs, updates, marks, variables };
  }

  /** The number of a tensor's value, which is made known at its first use. */
  numberOf(tensor: Tensor): number {
    const data: object = tensor.dataId ?? tensor; // an int64 attribute has no data
    const made = this.numberByData.get(data);
    if (made !== undefined) return made;
    const { id, shape, dtype, values } = entryOf(tensor);
    if (id <= FIRST_NUMBER) return id;
    const ref = this.refByData.get(data);
    const number =
      ref === undefined
        ? this.addConstant({ shape, dtype, values: this.valuesOf(id, values) })
        : this.add({ ref, constant: undefined, inferred: this.inference.value(dtype, shape) });
    this.numberByData.set(data, number);
    return number;
  }

  /** Values that are still in JavaScript, or of a tensor from before the trace. */
  private valuesOf(id: number, values: unknown): ArrayBufferView {
    if (values === null) return this.tensorflow.read(id);
    if (ArrayBuffer.isView(values)) return values;
    throw new NotCompilableError("the step makes strings");
  }

  private addConstant(given: ConstantValue): number {
    const { dtype, shape } = given;
    const constant = compact(given);
    const ref = this.parameterOf(constant);
    const values = constant.isUniform ? undefined : constant.values;
    const inferred = this.inference.value(dtype, shape, values);
    return this.add({ ref, constant, inferred });
  }

  private add(value: TracedValue): number {
    this.values.push(value);
    return FIRST_NUMBER - (this.values.length - 1);
  }

  private refOf(number: number): Ref {
    const value = this.values[FIRST_NUMBER - number]!;
    if (value.ref === undefined) {
      value.ref = { from: "constant", constant: this.constants.length };
      this.constants.push(value.constant!);
    }
    const { ref } = value;
    if (ref.from === "variable" && !this.variables.has(ref.name)) {
      this.variables.set(ref.name, registeredVariables()[ref.name]!);
    }
    return ref;
  }

  private parameterOf({ dtype, shape, values }: ConstantValue): Ref | undefined {
    if (dtype !== DType.float32 || shape.length > 0) return undefined;
    return this.parameters.get((values as Float32Array)[0]!);
  }

  beforeRead(data: object): void {
    if (this.refByData.has(data)) this.refuseRead();
  }

  refuseRead(): never {
    throw new NotCompilableError("the step reads values back into JavaScript");
  }

  refuseAttr({ name, value }: BindingAttr): never {
    throw new NotCompilableError(`the attribute ${name}=${describeValue(value)} is unknown`);
  }

  executeOp(name: string, given: Record<string, KernelAttr>, inputs: number[]): BindingOutput[] {
    const values = inputs.map((number) => this.values[FIRST_NUMBER - number]!);
    const known = values.map(({ inferred }) => inferred);
    const { attrs, outputs } = this.inference.op(name, given, known);
    const refs = inputs.map((number) => this.refOf(number));
    const op = this.ops.length;
    this.ops.push({
      name,
      attrs,
      inputs: refs,
      outputs: outputs.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
    });
    return outputs.map((inferred, output) => {
      const ref: Ref = { from: "op", op, output };
      const id = this.add({ ref, constant: undefined, inferred });
      return { id, shape: [...inferred.shape], dtype: inferred.dtype };
    });
  }
}
