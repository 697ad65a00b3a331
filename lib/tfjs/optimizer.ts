/** Any optimizer's learning rate and progress, which tfjs declares as its own business. */
import type { NamedTensorMap, Optimizer, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { insides } from "./insides";
import * as tf from "./tfjs";

/** The step size; undefined in an optimizer that has none. */
export function learningRateOf(optimizer: Optimizer): number | undefined {
  const { learningRate }: { learningRate?: unknown } = insides("Optimizer", optimizer);
  return typeof learningRate === "number" ? learningRate : undefined;
}

/** Sets the step size from the next step on. */
export function setLearningRateOf(optimizer: Optimizer, value: number): void {
  const withTensor = insides("SGD", optimizer);
  if (withTensor.setLearningRate) withTensor.setLearningRate(value);
  else insides("Optimizer", optimizer).learningRate = value;
}

/** Sets how many steps tfjs has counted; nothing else changes with it. */
export function setIterations(optimizer: Optimizer, count: number): void {
  insides("Optimizer", optimizer).iterations_ = count;
}

/** Counts steps that were made elsewhere. */
export function addIterations(optimizer: Optimizer, count: number): void {
  const state = insides("Optimizer", optimizer);
  state.iterations_ = (state.iterations_ ?? 0) + count;
}

/** Runs what counts steps that are none, and forgets them. */
export function keepingIterations<T>(optimizer: Optimizer, run: () => T): T {
  const state = insides("Optimizer", optimizer);
  const { iterations_: before } = state;
  try {
    return run();
  } finally {
    state.iterations_ = before;
  }
}

/**
 * Makes what one of tfjs' own optimizers keeps for weights, as its first step does. No weight moves.
 *
 * Where there is no gradient, each of them goes on to the next weight as soon as the slots of this one are there.
 */
export function makeSlots(optimizer: Optimizer, weights: Variable[]): void {
  const tensor = null as unknown as Tensor;
  optimizer.applyGradients(weights.map(({ name }) => ({ name, tensor })));
}

/** Takes gradients instead of applying them, until the function it returns is called. */
export function interceptGradients(
  optimizer: Optimizer,
  take: (weight: { name: string; index: number }, gradient: Tensor) => void,
): () => void {
  optimizer.applyGradients = (gradients) => {
    const entries = Array.isArray(gradients) ? gradients : named(gradients);
    entries.forEach(({ name, tensor }, index) => {
      // A weight that the loss doesn't depend on has none, whatever tfjs declares.
      if ((tensor as Tensor | null | undefined) != null) take({ name, index }, tensor);
    });
  };
  // The class's own method comes back.
  return () => Reflect.deleteProperty(optimizer, "applyGradients");
}

function named(gradients: NamedTensorMap): { name: string; tensor: Tensor }[] {
  return Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
}

/**
 * Hears of every optimizer that is asked to minimise or makes a step, until the function that this returns is called.
 *
 * @param hear Gets the optimizer, and how many steps it makes: 1, or 0 where only `minimize` was called so far.
 */
export function onOptimizerUse(hear: (optimizer: Optimizer, steps: 0 | 1) => void): () => void {
  const prototype = tf.Optimizer.prototype as unknown as Steps;
  const { incrementIterations, minimize } = prototype;
  prototype.minimize = function (...args) {
    hear(this as unknown as Optimizer, 0);
    return minimize.apply(this, args);
  };
  prototype.incrementIterations = function () {
    hear(this as unknown as Optimizer, 1);
    incrementIterations.call(this);
  };
  return () => Object.assign(prototype, { incrementIterations, minimize });
}

/** What each step of an optimizer calls; the second is declared as protected. */
interface Steps {
  minimize: Optimizer["minimize"];
  incrementIterations(this: Steps): void;
}
