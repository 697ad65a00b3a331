/** Tensors in JavaScript's memory: the currency between what loads data, what trains and what runs graphs. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { borrowValues, DType, nodeBackend, tf } from "../tfjs";
import { GraphError } from "./graphError";

/** Numbers as JavaScript holds them. */
export type HostArray = Float32Array | Int32Array | Uint8Array | BigInt64Array | Float64Array;

/** A tensor of numbers in JavaScript's memory. */
export interface HostTensor {
  /** One of `DType`. Models take uint8, which tfjs doesn't know, as float32: a quarter of the memory until then. */
  dtype: number;
  shape: readonly number[];
  /** Row-major values. */
  data: HostArray;
}

/** A tensor of strings, which can only be fed. */
export interface HostStrings {
  /** `DType.string`. */
  dtype: number;
  shape: readonly number[];
  data: readonly string[];
}

/** A tensor's numbers while somebody reads them. */
export interface BorrowedTensor {
  host: HostTensor;
  /** Says that they are no longer read. */
  end(): void;
}

/** A tensor in JavaScript's memory; no copy of what is there already. It stays until `end`, whoever disposes it. */
export function borrowTensor(tensor: Tensor): BorrowedTensor {
  const { dtype } = nodeBackend().tensorMap.get(tensor.dataId);
  const { values, end } = borrowValues(tensor);
  return { host: { dtype, shape: tensor.shape, data: values as HostArray }, end };
}

/** A tensor around values that nobody writes to any more; no copy, but of uint8. The caller disposes it. */
export function toTensor({ data, shape, dtype }: HostTensor): Tensor {
  const values = dtype === DType.uint8 ? Float32Array.from(data as Uint8Array) : data;
  return tf.tensor(values as Float32Array, [...shape], dtypeName(dtype));
}

/**
 * tfjs' name of a dtype.
 *
 * @throws GraphError when tfjs has none.
 */
export function dtypeName(dtype: number): "float32" | "int32" | "bool" {
  if (dtype === DType.uint8) return "float32";
  for (const name of ["float32", "int32", "bool"] as const) {
    if (DType[name] === dtype) return name;
  }
  throw new GraphError(`tfjs has no dtype for TensorFlow's ${dtype}.`);
}
