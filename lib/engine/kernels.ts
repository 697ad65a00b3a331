/**
 * Runs TensorFlow ops that tfjs has no function for.
 *
 * Everything goes through the backend of tfjs, so the results are ordinary tensors, counted by
 * `tf.memory()`, and a step that uses them can be traced into a graph.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "./tensorflow";

/** TensorFlow's numbers for the dtypes used here (tensorflow/core/framework/types.proto). */
export const DType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
  uint64: 23,
} as const;

/** The attribute kinds that an eager op takes. */
export type KernelAttr =
  | { type: number }
  | { int: number }
  | { ints: number[] }
  | { float: number }
  | { floats: number[] }
  | { bool: boolean }
  | { string: string }
  | { shape: number[] };

/** What is used of tfjs-node's backend and binding; both are internal to tfjs-node 4.22. */
export interface NodeBackend {
  binding: NativeBinding;
  tensorMap: {
    get(dataId: object): {
      id: number;
      shape: number[];
      dtype: number;
      values: unknown;
    };
    has(dataId: object): boolean;
  };
  readSync(dataId: object): unknown;
  disposeData(dataId: object, force?: boolean): boolean;
  getInputTensorIds(tensors: Tensor[]): number[];
  executeMultipleOutputs(
    name: string,
    attrs: BindingAttr[],
    inputs: Tensor[],
    outputs: number,
  ): Tensor[];
}

/** One attribute as the binding wants it. */
export interface BindingAttr {
  name: string;
  type: number;
  value: unknown;
}

/** One output of an op as the binding describes it. */
export interface BindingOutput {
  id: number;
  shape: number[];
  dtype: number;
}

/** The native functions of tfjs-node that the tracer stands in for. */
export interface NativeBinding {
  createTensor(shape: number[], dtype: number, values: ArrayBufferView | string[]): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  executeOp(name: string, attrs: BindingAttr[], inputs: number[], outputs: number): BindingOutput[];
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/** The tfjs backend with its binding. */
export function nodeBackend(): NodeBackend {
  return tf.backend() as unknown as NodeBackend;
}

/**
 * Runs one TensorFlow op and returns its outputs.
 *
 * @param name The op's name, for example `"ImageProjectiveTransformV3"`.
 * @param inputs Input tensors, in the op's order.
 * @param options.attrs The op's attributes. None by default.
 * @param options.outputs How many outputs the op has. 1 by default.
 * @returns The output tensors; the caller disposes them.
 */
export function runKernel(
  name: string,
  inputs: Tensor[],
  options: { attrs?: Record<string, KernelAttr>; outputs?: number } = {},
): Tensor[] {
  const backend = nodeBackend();
  const attrs = Object.entries(options.attrs ?? {}).map(([attr, value]) =>
    bindingAttr(backend.binding, attr, value),
  );
  return backend.executeMultipleOutputs(name, attrs, inputs, options.outputs ?? 1);
}

function bindingAttr(binding: NativeBinding, name: string, attr: KernelAttr): BindingAttr {
  if ("type" in attr) return { name, type: binding.TF_ATTR_TYPE, value: attr.type };
  if ("int" in attr) return { name, type: binding.TF_ATTR_INT, value: attr.int };
  if ("ints" in attr) return { name, type: binding.TF_ATTR_INT, value: attr.ints };
  if ("float" in attr) return { name, type: binding.TF_ATTR_FLOAT, value: attr.float };
  if ("floats" in attr) return { name, type: binding.TF_ATTR_FLOAT, value: attr.floats };
  if ("bool" in attr) return { name, type: binding.TF_ATTR_BOOL, value: attr.bool };
  if ("string" in attr) return { name, type: binding.TF_ATTR_STRING, value: attr.string };
  return { name, type: binding.TF_ATTR_SHAPE, value: attr.shape };
}
