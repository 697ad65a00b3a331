/** Variables of tfjs around a trace, and between tfjs and a session. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { borrowValues, nodeBackend, tf } from "../../engine";
import type { HostArray, HostTensor } from "../../graph";

/** Every variable that tfjs knows, by name. */
export function registeredVariables(): Record<string, Variable> {
  return (tf.engine() as unknown as { registeredVariables: Record<string, Variable> })
    .registeredVariables;
}

/** Runs `fn` and gives every variable that existed before its old value back. Costs no copies. */
export function withVariablesRestored<T>(fn: () => T): T {
  const before = Object.values(registeredVariables()).map((variable) => ({
    variable,
    data: variable.dataId,
    // A clone shares the data and keeps it from being freed.
    value: tf.clone(variable),
  }));
  try {
    return fn();
  } finally {
    for (const { variable, data, value } of before) {
      if (variable.dataId !== data) variable.assign(value);
      value.dispose();
    }
  }
}

/** A tensor's values for a feed; no copy while tfjs still holds them in JavaScript. */
export function toHost(tensor: Tensor): HostTensor {
  return {
    dtype: nodeBackend().tensorMap.get(tensor.dataId).dtype,
    shape: tensor.shape,
    data: borrowValues(tensor) as HostArray,
  };
}

/** A tensor around values that a graph returned; no copy. The caller disposes it. */
export function fromHost({ data, shape }: HostTensor, dtype: Tensor["dtype"]): Tensor {
  return tf.tensor(data as Float32Array, [...shape], dtype);
}
