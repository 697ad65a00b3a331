/** The variables that tfjs knows. */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "./tensorflow";

/** Every variable that tfjs knows, by name: weights, optimizers' slots, and what users made. */
export function registeredVariables(): Readonly<Record<string, Variable>> {
  return tf.engine().registeredVariables;
}

/**
 * Runs what makes layers; when it throws, frees every variable that was made meanwhile.
 *
 * tfjs builds a layer when it is called, so a model that fails half-way has weights but no owner.
 */
export function leavingNothing<T>(make: () => T): T {
  const variables = registeredVariables();
  const before = new Set(Object.keys(variables));
  try {
    return make();
  } catch (error) {
    for (const [name, variable] of Object.entries(variables)) {
      if (!before.has(name)) variable.dispose();
    }
    throw error;
  }
}
