/** What tfjs-node 4.22 keeps to itself: its backend, and the native functions under it. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";

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

/** What the backend knows of a tensor's data. */
export interface TensorEntry {
  /** The native tensor's number; -1 while the values are in JavaScript only. */
  id: number;
  shape: number[];
  dtype: number;
  /** The values in JavaScript; null once TensorFlow has them. */
  values: unknown;
  /** How many tensors share the data. */
  refCount?: number;
}

/** tfjs' backend on Node, as `tf.backend()` gives it. */
export interface NodeBackend {
  binding: NativeBinding;
  isUsingGpuDevice: boolean;
  tensorMap: {
    get(dataId: object): TensorEntry;
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
  createOutputTensor(output: BindingOutput): Tensor;
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

/** The native functions that run ops. */
export interface NativeBinding {
  createTensor(shape: number[], dtype: number, values: ArrayBufferView | string[]): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  executeOp(name: string, attrs: BindingAttr[], inputs: number[], outputs: number): BindingOutput[];
  readonly TF_Version: string;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}
