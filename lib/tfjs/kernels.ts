/**
 * Runs TensorFlow ops that tfjs has no function for.
 *
 * Everything goes through the backend of tfjs, so the results are ordinary tensors, counted by
 * `tf.memory()`, and a step that uses them can be traced into a graph.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { BindingAttr, NativeBinding, NodeBackend } from "./binding";
import { insides } from "./insides";
import { noteWithoutGradient } from "./tapeOrder";
import * as tf from "./tfjs";

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

/** The tfjs backend with its binding. */
export function nodeBackend(): NodeBackend {
  return insides("Backend", tf.backend());
}

/** TensorFlow's own version, for example `"2.21.0"`. */
export function tensorflowVersion(): string {
  return nodeBackend().binding.TF_Version;
}

/** Whether TensorFlow computes on a GPU here. */
export function hasGpuDevice(): boolean {
  return nodeBackend().isUsingGpuDevice;
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
  const attrs = bindingAttrs(backend.binding, options.attrs ?? {});
  const outputs = backend.executeMultipleOutputs(name, attrs, inputs, options.outputs ?? 1);
  noteWithoutGradient(name, inputs, outputs);
  return outputs;
}

/** Attributes as the binding wants them. */
export function bindingAttrs(
  binding: NativeBinding,
  attrs: Record<string, KernelAttr>,
): BindingAttr[] {
  return Object.entries(attrs).map(([name, attr]) => bindingAttr(binding, name, attr));
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

/** An attribute as the binding gets it, in words; undefined of a kind that no op of tfjs has. */
export function kernelAttr(binding: NativeBinding, attr: BindingAttr): KernelAttr | undefined {
  const { type, value } = attr;
  if (type === binding.TF_ATTR_TYPE) return { type: value as number };
  if (type === binding.TF_ATTR_BOOL) return { bool: Boolean(value) };
  if (type === binding.TF_ATTR_STRING) return { string: value as string };
  if (type === binding.TF_ATTR_SHAPE) return { shape: value as number[] };
  const list = Array.isArray(value);
  if (type === binding.TF_ATTR_INT) {
    return list ? { ints: value as number[] } : { int: value as number };
  }
  if (type === binding.TF_ATTR_FLOAT) {
    return list ? { floats: value as number[] } : { float: value as number };
  }
  return undefined;
}
