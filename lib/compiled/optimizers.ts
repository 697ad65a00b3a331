/** Any optimizer made ready for compilation. */
import type { LayersModel, Optimizer, Variable } from "@tensorflow/tfjs-node-gpu";
import { KerasOptimizer } from "../optimizers";
import {
  addIterations,
  functionalOf,
  keepingIterations,
  learningRateOf,
  makeSlots,
  runsUserCode,
  setLearningRateOf,
  tf,
  trainedParts,
} from "../tfjs";
import { fusedKerasOptimizer } from "./fusedKerasOptimizer";
import type { FusedOptimizer } from "./fusedOptimizer";
import { fusedTfjsOptimizer } from "./fusedTfjsOptimizer";
import type { TrainedBy } from "./stepRequest";
import { withVariablesRestored } from "./variables";

/** The optimizer's fused kernels, or undefined when its own formulas are to be traced. */
function fusedOptimizer(optimizer: Optimizer): FusedOptimizer | undefined {
  return optimizer instanceof KerasOptimizer
    ? fusedKerasOptimizer(optimizer)
    : fusedTfjsOptimizer(optimizer);
}

/** What updates a model's weights, its slots made; undefined where nothing is trained. */
export function trainedBy(model: LayersModel): TrainedBy | undefined {
  const { weights } = trainedParts(model);
  if (weights.length === 0) return undefined;
  const optimizer = functionalOf(model).optimizer;
  prepareOptimizer(
    optimizer,
    weights.map((weight) => weight.read()),
  );
  // A constraint follows the update, so the update must be part of the trace; so must a user's own.
  const isTraced = weights.some((weight) => Boolean(weight.constraint)) || runsUserCode(optimizer);
  return { optimizer, fused: isTraced ? undefined : fusedOptimizer(optimizer) };
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
