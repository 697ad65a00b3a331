/** Attributes of graph nodes and their encoding as AttrValue messages. */

import { MessageWriter } from "../formats";

import type { KernelAttr } from "../tfjs";

/** A constant's dtype, shape and raw values in row-major order. */
export interface ConstantValue {
  dtype: number;
  shape: readonly number[];
  values: ArrayBufferView;
  /** True where `values` holds one number, which all elements are. @default false */
  isUniform?: boolean;
}

/** What a node's attribute can be; -1 in a shape is a dimension known only at run time. */
export type GraphAttr =
  | KernelAttr
  | { types: number[] }
  | { strings: string[] }
  | { func: string }
  | { tensor: ConstantValue };

/** The attribute as an AttrValue message (tensorflow/core/framework/attr_value.proto). */
export function encodeAttr(attr: GraphAttr): MessageWriter {
  const message = new MessageWriter();
  if ("string" in attr) return message.bytes(2, attr.string);
  if ("int" in attr) return message.int(3, attr.int);
  if ("float" in attr) return message.float(4, attr.float);
  if ("bool" in attr) return message.int(5, attr.bool ? 1 : 0);
  if ("type" in attr) return message.int(6, attr.type);
  if ("shape" in attr) return message.message(7, encodeShape(attr.shape));
  if ("tensor" in attr) return message.message(8, encodeTensor(attr.tensor));
  if ("func" in attr) return message.message(10, new MessageWriter().bytes(1, attr.func));
  return message.message(1, encodeList(attr));
}

function encodeList(
  attr: { ints: number[] } | { floats: number[] } | { types: number[] } | { strings: string[] },
): MessageWriter {
  const list = new MessageWriter();
  if ("strings" in attr) for (const value of attr.strings) list.bytes(2, value);
  else if ("ints" in attr) for (const value of attr.ints) list.int(3, value);
  else if ("floats" in attr) for (const value of attr.floats) list.float(4, value);
  else for (const value of attr.types) list.int(6, value);
  return list;
}

/** TensorShapeProto. */
export function encodeShape(shape: readonly number[]): MessageWriter {
  const message = new MessageWriter();
  for (const size of shape) message.message(2, new MessageWriter().int(1, size));
  return message;
}

function encodeTensor(tensor: ConstantValue): MessageWriter {
  const { buffer, byteOffset, byteLength } = tensor.values;
  // A copy: the caller may reuse its array before the message is written out.
  const bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
  return new MessageWriter()
    .int(1, tensor.dtype)
    .message(2, encodeShape(tensor.shape))
    .bytes(4, bytes);
}
