/** Any optimizer made ready for compilation. */
import type { Optimizer, Variable } from "@tensorflow/tfjs-node-gpu";
import { KerasOptimizer } from "../optimizers";
import {
  addIterations,
  keepingIterations,
  learningRateOf,
  makeSlots,
  runsUserCode,
  setLearningRateOf,
  tf,
} from "../tfjs";
import { fusedKerasOptimizer } from "./fusedKerasOptimizer";
import type { FusedOptimizer } from "./fusedOptimizer";
import { fusedTfjsOptimizer } from "./fusedTfjsOptimizer";
import { withVariablesRestored } from "./variables";

/** The optimizer's fused kernels, or undefined when its own formulas are to be traced. */
export function fusedOptimizer(optimizer: Optimizer): FusedOptimizer | undefined {
  return optimizer instanceof KerasOptimizer
    ? fusedKerasOptimizer(optimizer)
    : fusedTfjsOptimizer(optimizer);
}

/** Gives an optimizer another learning rate, until the function that this returns is called. */
export function standInRate(optimizer: Optimizer, rate: number): () => void {
  if (optimizer instanceof KerasOptimizer) return optimizer.rate.standIn(rate);
  const own = learningRateOf(optimizer);
  if (own === undefined) return () => undefined;
  setLearningRateOf(optimizer, rate);
  return () => setLearningRateOf(optimizer, own);
}

/** The learning rates of the steps to come. */
export function nextLearningRates(optimizer: Optimizer, steps: number): (number | undefined)[] {
  return keepingIterations(optimizer, () =>
    Array.from({ length: steps }, () => {
      const rate = learningRateOf(optimizer);
      addIterations(optimizer, 1);
      return rate;
    }),
  );
}

/**
 * Makes the optimizer's slots exist. Ours are asked to; tfjs' come with the first update only.
 *
 * Of a user's own, an update with gradients of zero makes them with their initial values. Whatever else an update
 * changes is put back.
 */
export function prepareOptimizer(optimizer: Optimizer, weights: Variable[]): void {
  if (optimizer instanceof KerasOptimizer) {
    optimizer.build(weights);
    return;
  }
  const step = () => (runsUserCode(optimizer) ? stepByZero : makeSlots)(optimizer, weights);
  const numbers = plainFields(optimizer);
  keepingIterations(optimizer, () => withVariablesRestored(step));
  Object.assign(optimizer, numbers); // such as an own count of steps
}

function stepByZero(optimizer: Optimizer, weights: Variable[]): void {
  tf.tidy(() =>
    optimizer.applyGradients(
      weights.map((weight) => ({ name: weight.name, tensor: tf.zerosLike(weight) })),
    ),
  );
}

/** Fields that hold no objects. */
function plainFields(object: object): Record<string, unknown> {
  const isPlain = (value: unknown) => Object(value) !== value;
  return Object.fromEntries(Object.entries(object).filter(([, value]) => isPlain(value)));
}
