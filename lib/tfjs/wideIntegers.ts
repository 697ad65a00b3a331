/** Whole numbers of 64 bits, which tfjs has no type for: they stay in TensorFlow until they are int32. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType } from "./binding";
import { bindingAttrs, type KernelAttr, nodeBackend } from "./kernels";

/** A value of TensorFlow's that is no tensor of tfjs'. */
export interface Wide {
  /** TensorFlow's number of it. */
  readonly wide: number;
}

/** Runs an op of one output. */
export type WideOp = (
  name: string,
  inputs: (Tensor | Wide)[],
  attrs?: Record<string, KernelAttr>,
) => Wide;

/** Runs an op of several outputs. */
export type WideOps = (
  name: string,
  inputs: (Tensor | Wide)[],
  options: { attrs: Record<string, KernelAttr>; outputs: number },
) => Wide[];

/**
 * Computes in 64 bits, and frees what is made on the way.
 *
 * @param compute What to compute; the type of what it gives is `type`.
 * @param type TensorFlow's number of that type.
 * @returns The results as int32; the caller disposes them.
 */
export function throughWide(compute: (op: WideOp) => Wide, type: number): Tensor {
  return throughAllWide((op) => [{ ...compute(op), type }])[0]!;
}

/**
 * The same of several results, each of its type: whole numbers come as int32, float32 as it is.
 *
 * @returns The results; the caller disposes them.
 */
export function throughAllWide(
  compute: (op: WideOp, all: WideOps) => readonly (Wide & { type: number })[],
): Tensor[] {
  const backend = nodeBackend();
  const { binding } = backend;
  const made: number[] = [];
  const numberOf = (value: Tensor | Wide) =>
    "wide" in value ? value.wide : backend.getInputTensorIds([value])[0]!;
  const all: WideOps = (name, inputs, { attrs, outputs }) => {
    const given = bindingAttrs(binding, attrs);
    const results = binding.executeOp(name, given, inputs.map(numberOf), outputs);
    made.push(...results.map(({ id }) => id));
    return results.map(({ id }) => ({ wide: id }));
  };
  const op: WideOp = (name, inputs, attrs = {}) => all(name, inputs, { attrs, outputs: 1 })[0]!;
  try {
    return compute(op, all).map(({ wide, type }) => {
      const to = type === DType.float32 ? DType.float32 : DType.int32;
      const given = bindingAttrs(binding, { SrcT: { type }, DstT: { type: to } });
      const [output] = binding.executeOp("Cast", given, [wide], 1);
      return backend.createOutputTensor(output!);
    });
  } finally {
    // While a step is traced, values have numbers below 0 and nothing is there to be freed.
    for (const id of made) if (id >= 0) binding.deleteTensor(id);
  }
}
