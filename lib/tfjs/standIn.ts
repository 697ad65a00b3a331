/** Something else in TensorFlow's place: every op that tfjs asks for goes to it, and nothing is computed. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type BindingAttr,
  type BindingOutput,
  DType,
  type NativeBinding,
  type TensorEntry,
} from "./binding";
import { insides } from "./insides";
import { type KernelAttr, kernelAttr, nodeBackend } from "./kernels";

/** What takes TensorFlow's place. */
export interface StandIn {
  /** The number of a tensor's value among the stand-in's own. */
  numberOf(tensor: Tensor): number;
  /** "Runs" an op on values of those numbers. */
  executeOp(name: string, attrs: Record<string, KernelAttr>, inputs: number[]): BindingOutput[];
  /** Refuses an attribute of a kind that no op has. */
  refuseAttr(attr: BindingAttr): never;
  /** Hears that data are read into JavaScript; throws where there are none. */
  beforeRead(dataId: object): void;
  /** Refuses to read a native tensor, where the stand-in has no values either. */
  refuseRead(): never;
}

/** TensorFlow while something stands in for it. */
export interface ReplacedTensorFlow {
  /** The values of a native tensor from before. */
  read(id: number): ArrayBufferView;
  /** Gives TensorFlow its place back. */
  restore(): void;
}

/** Puts a stand-in in TensorFlow's place. */
export function replaceTensorFlow(standIn: StandIn): ReplacedTensorFlow {
  const backend = nodeBackend();
  const { binding, readSync } = backend;
  const named = (attr: BindingAttr) =>
    [attr.name, kernelAttr(binding, attr) ?? standIn.refuseAttr(attr)] as const;
  backend.binding = {
    ...copied(binding),
    tensorDataSync: () => standIn.refuseRead(),
    executeOp: (name, attrs, inputs) =>
      standIn.executeOp(name, Object.fromEntries(attrs.map(named)), inputs),
  };
  backend.getInputTensorIds = (tensors) => tensors.map((tensor) => standIn.numberOf(tensor));
  backend.readSync = (dataId) => {
    standIn.beforeRead(dataId);
    return readSync.call(backend, dataId);
  };
  return {
    read: (id) => binding.tensorDataSync(id),
    restore() {
      backend.binding = binding;
      // The prototype's own methods come back.
      Reflect.deleteProperty(backend, "getInputTensorIds");
      Reflect.deleteProperty(backend, "readSync");
    },
  };
}

/** The binding's functions and numbers, which it doesn't list when it is spread. */
function copied(binding: NativeBinding): NativeBinding {
  const names = Object.getOwnPropertyNames(binding) as (keyof NativeBinding)[];
  const members = names.map((name) => {
    const member = binding[name];
    return [name, typeof member === "function" ? member.bind(binding) : member];
  });
  return Object.fromEntries(members) as NativeBinding;
}

/** What the backend knows of a tensor's value. */
export function entryOf(tensor: Tensor): TensorEntry {
  // tfjs-node passes int64 attributes of ops as objects that are no tensors.
  if ((tensor.dataId as object | undefined) === undefined) {
    const { valueArray } = insides("Int64Scalar", tensor);
    return { id: -1, shape: [], dtype: DType.int64, values: valueArray };
  }
  return nodeBackend().tensorMap.get(tensor.dataId);
}
