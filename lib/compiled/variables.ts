/** Variables of tfjs around a trace, and between tfjs and a session. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import type { HostTensor } from "../graph";
import { nativeModule } from "../native";
import { lendTensor, onNewVariable, registeredVariables, separateVariables, tf } from "../tfjs";

interface Value {
  variable: Variable;
  data: object;
  value: Tensor;
}

/** Notes the first value of each variable that is made until the end. */
function firstValues(): { end(): Value[] } {
  const values: Value[] = [];
  const stop = onNewVariable((variable) => {
    const value = tf.keep(tf.clone(variable));
    values.push({ variable, data: variable.dataId, value });
  });
  return {
    end() {
      stop();
      return values;
    },
  };
}

/**
 * Runs `fn` and gives every variable its old value back, or its first one.
 *
 * Meanwhile each has data of its own, by which a trace knows it. Copies only what was shared before.
 */
export function withVariablesRestored<T>(fn: () => T): T {
  separateVariables();
  const made = firstValues();
  const before = Object.values(registeredVariables()).map((variable) => ({
    variable,
    data: variable.dataId,
    // A clone shares the data and keeps it from being freed.
    value: tf.clone(variable),
  }));
  try {
    return fn();
  } finally {
    for (const { variable, data, value } of [...before, ...made.end()]) {
      if (variable.dataId !== data) variable.assign(value);
      value.dispose();
    }
  }
}

/** Gives a variable values that a graph returned; no copy. They are freed with the variable's next values. */
export function assignHost(variable: Variable, host: HostTensor): void {
  const tensor = ownTensor(host, variable.dtype);
  variable.assign(tensor);
  tensor.dispose();
}

/** A tensor of values that a graph returned; no copy. Their memory is freed with it; the caller disposes it. */
export function ownTensor({ data, shape }: HostTensor, dtype: Tensor["dtype"]): Tensor {
  const values = data as Float32Array<ArrayBuffer>;
  // At once, not when it is collected: one more copy of the weights for each epoch is much.
  const giveBack = () => nativeModule().release(values.buffer);
  return lendTensor(values, { shape: [...shape], dtype, giveBack });
}
