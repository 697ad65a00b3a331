/**
 * Records what TensorFlow is asked to do while a function of tfjs runs.
 *
 * tfjs on Node runs every op through one native binding. For the time of a trace a stand-in takes the
 * binding's place: it lets each op run for real and writes it down, with the places its inputs came from.
 */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import {
  type BindingAttr,
  type BindingOutput,
  type KernelAttr,
  type KeySource,
  listenToKeys,
  type NativeBinding,
  nodeBackend,
  tf,
} from "../engine";
import { ConvnetsError, describeValue } from "../errors";
import type { ConstantValue } from "./attributes";

/** Where a value of a trace comes from. */
export type Ref =
  | { from: "op"; op: number; output: number }
  | { from: "constant"; constant: number }
  | { from: "input"; name: string }
  | { from: "variable"; name: string }
  | { from: "key"; key: number };

/** One op that ran. */
export interface TracedOp {
  name: string;
  attrs: Record<string, KernelAttr>;
  inputs: Ref[];
  outputs: { shape: number[]; dtype: number }[];
}

/** Everything that a function did. */
export interface Trace {
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
  /** Points out a value, to be found in `Trace.marks`. */
  mark(name: string, tensor: Tensor): void;
  /** Says that a tensor is not a constant but the input called `name`. */
  input(name: string, tensor: Tensor): void;
  /** Says that a variable belongs to the step, whether or not an op reads it. */
  variable(variable: Variable): void;
}

/** The function can't become a graph; the message says why. */
export class NotCompilableError extends ConvnetsError {}

/**
 * Runs a function once and records its ops.
 *
 * Variables that the function assigns are left changed: the caller restores them.
 *
 * @param fn What to trace; it must be synchronous and return tensors, which the trace disposes.
 * @param inputs The tensors that stand for the graph's inputs, by name.
 * @throws NotCompilableError when the function reads values back into JavaScript.
 */
export function trace(fn: (recorder: Recorder) => Tensor[], inputs: Record<string, Tensor>): Trace {
  const recording = new Recording(inputs);
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

type VariableEngine = { registeredVariables: Record<string, Variable> };

class Recording implements Recorder {
  private readonly ops: TracedOp[] = [];
  private readonly constants: ConstantValue[] = [];
  private readonly keys: KeySource[] = [];
  private readonly marks = new Map<string, Ref>();
  private readonly variables = new Map<string, Variable>();
  /** What the binding's numbers stand for. */
  private readonly refById = new Map<number, Ref>();
  /** What tfjs' data stand for, where that is known before the binding sees them. */
  private readonly refByData = new Map<object, Ref>();
  private readonly dtypeById = new Map<number, number>();
  private readonly startData = new Map<string, object>();
  private readonly backend = nodeBackend();
  private readonly real: NativeBinding = this.backend.binding;

  constructor(inputs: Record<string, Tensor>) {
    this.backend.getInputTensorIds(Object.values(inputs));
    for (const [name, tensor] of Object.entries(inputs)) this.input(name, tensor);
    for (const [name, variable] of Object.entries(registeredVariables())) {
      this.startData.set(name, variable.dataId);
      this.refByData.set(variable.dataId, { from: "variable", name });
    }
  }

  start(): () => void {
    const { backend, real } = this;
    const readIds = backend.getInputTensorIds;
    const readSync = (backend as unknown as { readSync(data: object): unknown }).readSync;
    backend.binding = this.standIn();
    backend.getInputTensorIds = (tensors) => this.inputIds(tensors, readIds);
    Object.assign(backend, {
      readSync: (data: object) => {
        if (this.refByData.has(data)) throw readsBack();
        return readSync.call(backend, data);
      },
    });
    const stopKeys = listenToKeys((tensor, source) => {
      this.refByData.set(tensor.dataId, { from: "key", key: this.keys.length });
      this.keys.push(source);
    });
    return () => {
      stopKeys();
      backend.binding = real;
      // The prototype's own methods come back.
      Reflect.deleteProperty(backend, "getInputTensorIds");
      Reflect.deleteProperty(backend, "readSync");
    };
  }

  mark(name: string, tensor: Tensor): void {
    this.marks.set(name, this.refOf(tensor));
  }

  input(name: string, tensor: Tensor): void {
    this.refByData.set(tensor.dataId, { from: "input", name });
  }

  variable(variable: Variable): void {
    this.variables.set(variable.name, variable);
  }

  finish(results: Tensor[]): Trace {
    const { ops, constants, keys, marks, variables } = this;
    const updates = new Map<string, Ref>();
    for (const [name, variable] of Object.entries(registeredVariables())) {
      if (this.startData.has(name) && this.startData.get(name) !== variable.dataId) {
        updates.set(name, this.refOf(variable));
        variables.set(name, variable);
      }
    }
    const outputs = results.map((tensor) => this.refOf(tensor));
    return { ops, constants, keys, outputs, updates, marks, variables };
  }

  private refOf(tensor: Tensor): Ref {
    const known = this.refByData.get(tensor.dataId);
    if (known !== undefined) return this.used(known);
    const [id] = this.backend.getInputTensorIds([tensor]);
    return this.used(this.refById.get(id!)!);
  }

  private used(ref: Ref): Ref {
    if (ref.from === "variable" && !this.variables.has(ref.name)) {
      this.variables.set(ref.name, registeredVariables()[ref.name]!);
    }
    return ref;
  }

  private inputIds(tensors: Tensor[], readIds: (tensors: Tensor[]) => number[]): number[] {
    const ids = readIds.call(this.backend, tensors);
    ids.forEach((id, i) => {
      const data = tensors[i]!.dataId as object | undefined; // none for tfjs-node's int64 scalars
      const known = data === undefined ? undefined : this.refByData.get(data);
      if (known !== undefined) this.refById.set(id, known);
      else if (!this.refById.has(id)) this.capture(id, data!);
    });
    return ids;
  }

  /** A tensor from before the trace: its values are a constant of the step. */
  private capture(id: number, data: object): void {
    const { shape, dtype } = this.backend.tensorMap.get(data);
    this.addConstant(id, { dtype, shape, values: this.real.tensorDataSync(id) });
  }

  private addConstant(id: number, value: ConstantValue): void {
    this.refById.set(id, { from: "constant", constant: this.constants.length });
    this.dtypeById.set(id, value.dtype);
    this.constants.push(value);
  }

  private standIn(): NativeBinding {
    const { real } = this;
    const copy: Record<string, unknown> = {};
    for (const name of Object.getOwnPropertyNames(real)) {
      const member = (real as unknown as Record<string, unknown>)[name];
      copy[name] = typeof member === "function" ? member.bind(real) : member;
    }
    return Object.assign(copy as unknown as NativeBinding, {
      createTensor: (shape: number[], dtype: number, values: ArrayBufferView | string[]) => {
        const id = real.createTensor(shape, dtype, values);
        if (Array.isArray(values)) throw new NotCompilableError("the step makes strings");
        this.addConstant(id, { dtype, shape, values });
        return id;
      },
      tensorDataSync: (): never => {
        throw readsBack();
      },
      executeOp: (name: string, attrs: BindingAttr[], inputs: number[], count: number) => {
        const outputs = real.executeOp(name, attrs, inputs, count);
        this.record(name, attrs, inputs, outputs);
        return outputs;
      },
    });
  }

  private record(
    name: string,
    attrs: BindingAttr[],
    inputs: number[],
    outputs: BindingOutput[],
  ): void {
    const op = this.ops.length;
    const named = Object.fromEntries(attrs.map((attr) => [attr.name, this.attr(attr)]));
    const dtype = this.dtypeById.get(inputs[0]!);
    // tfjs passes T=bool to the mean of a cast boolean: eager TensorFlow corrects it, a graph does not.
    if (REDUCTIONS.has(name) && dtype !== undefined) named.T = { type: dtype };
    outputs.forEach((output, index) => {
      this.refById.set(output.id, { from: "op", op, output: index });
      this.dtypeById.set(output.id, output.dtype);
    });
    this.ops.push({
      name,
      attrs: named,
      inputs: inputs.map((id) => this.used(this.refById.get(id)!)),
      outputs: outputs.map(({ shape, dtype }) => ({ shape, dtype })),
    });
  }

  private attr({ name, type, value }: BindingAttr): KernelAttr {
    const { real } = this;
    if (type === real.TF_ATTR_TYPE) return { type: value as number };
    if (type === real.TF_ATTR_BOOL) return { bool: Boolean(value) };
    if (type === real.TF_ATTR_STRING) return { string: value as string };
    if (type === real.TF_ATTR_SHAPE) return { shape: value as number[] };
    const list = Array.isArray(value);
    if (type === real.TF_ATTR_INT) {
      return list ? { ints: value as number[] } : { int: value as number };
    }
    if (type === real.TF_ATTR_FLOAT) {
      return list ? { floats: value as number[] } : { float: value as number };
    }
    throw new NotCompilableError(`the attribute ${name}=${describeValue(value)} is unknown`);
  }
}

const REDUCTIONS = new Set(["Mean", "Sum", "Max", "Min", "Prod", "Square", "Sqrt", "Neg", "Abs"]);

function registeredVariables(): Record<string, Variable> {
  return (tf.engine() as unknown as VariableEngine).registeredVariables;
}

function readsBack(): NotCompilableError {
  return new NotCompilableError("the step reads values back into JavaScript");
}
