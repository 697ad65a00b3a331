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

/**
 * Computes in 64 bits, and frees what is made on the way.
 *
 * @param compute What to compute; the type of what it gives is `type`.
 * @param type TensorFlow's number of that type.
 * @returns The results as int32; the caller disposes them.
 */
export function throughWide(compute: (op: WideOp) => Wide, type: number): Tensor {
  const backend = nodeBackend();
  const { binding } = backend;
  const made: number[] = [];
  const numberOf = (value: Tensor | Wide) =>
    "wide" in value ? value.wide : backend.getInputTensorIds([value])[0]!;
  const run: WideOp = (name, inputs, attrs = {}) => {
    const given = bindingAttrs(binding, attrs);
    const [output] = binding.executeOp(name, given, inputs.map(numberOf), 1);
    made.push(output!.id);
    return { wide: output!.id };
  };
  try {
    const result = compute(run);
    const types = { SrcT: { type }, DstT: { type: DType.int32 } };
    const given = bindingAttrs(binding, types);
    const [output] = binding.executeOp("Cast", given, [result.wide], 1);
    return backend.createOutputTensor(output!);
  } finally {
    // While a step is traced, values have numbers below 0 and nothing is there to be freed.
    for (const id of made) if (id >= 0) binding.deleteTensor(id);
  }
}
