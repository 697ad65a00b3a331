/** What JavaScript hands to TensorFlow while something runs: all that a compiled step would bake in. */
import { type NativeBinding, nodeBackend } from "../../lib/tfjs";

export interface Constant {
  shape: number[];
  values: number[];
}

/** Records every tensor that `body` makes from JavaScript numbers, in order. */
export function constantsOf(body: () => void): Constant[] {
  const backend = nodeBackend();
  const binding = backend.binding;
  const constants: Constant[] = [];
  const createTensor: NativeBinding["createTensor"] = (shape, dtype, values) => {
    constants.push({ shape: [...shape], values: Array.from(values as Float32Array) });
    return binding.createTensor(shape, dtype, values);
  };
  const recording = Object.create(binding, { createTensor: { value: createTensor } });
  backend.binding = recording as NativeBinding;
  try {
    body();
  } finally {
    backend.binding = binding;
  }
  return constants;
}
