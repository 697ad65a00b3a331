/** The variables that tfjs knows. */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { nodeBackend } from "./kernels";
import { tf } from "./tensorflow";

/** Every variable that tfjs knows, by name: weights, optimizers' slots, and what users made. */
export function registeredVariables(): Readonly<Record<string, Variable>> {
  return tf.engine().registeredVariables;
}

/**
 * Gives each variable data of its own, where it shares them: with a tensor that was cloned from it, or with another
 * variable, as after `model.setWeights(other.getWeights())`. Nothing else changes.
 */
export function separateVariables(): void {
  const { tensorMap } = nodeBackend();
  for (const variable of Object.values(registeredVariables())) {
    if ((tensorMap.get(variable.dataId).refCount ?? 1) <= 1) continue;
    const copy = tf.tensor(variable.dataSync(), variable.shape, variable.dtype);
    variable.assign(copy);
    copy.dispose();
  }
}

/** Hears of each variable that is made, with its first value, until the function it returns is called. */
export function onNewVariable(hear: (variable: Variable) => void): () => void {
  const engine = tf.engine();
  const { makeVariable } = engine;
  engine.makeVariable = (...args) => {
    const variable = makeVariable.apply(engine, args);
    hear(variable);
    return variable;
  };
  // The class's own method comes back.
  return () => Reflect.deleteProperty(engine, "makeVariable");
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
