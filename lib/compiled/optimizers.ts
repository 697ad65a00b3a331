/** Any optimizer made ready for compilation. */
import type { Optimizer, Variable } from "@tensorflow/tfjs-node-gpu";
import { KerasOptimizer } from "../optimizers";
import { tf } from "../tfjs";
import { fusedKerasOptimizer } from "./fusedKerasOptimizer";
import type { FusedOptimizer } from "./fusedOptimizer";
import { fusedTfjsOptimizer } from "./fusedTfjsOptimizer";
import type { TrainedBy } from "./traceStep";
import { withVariablesRestored } from "./variables";

/** The optimizer's fused kernels, or undefined when its own formulas are to be traced. */
export function fusedOptimizer(optimizer: object): FusedOptimizer | undefined {
  return optimizer instanceof KerasOptimizer
    ? fusedKerasOptimizer(optimizer)
    : fusedTfjsOptimizer(optimizer);
}

/**
 * Makes the optimizer's slots exist. Ours are asked to; tfjs' come with the first update only.
 *
 * An update with gradients of zero makes them with their initial values; whatever else it changes is put back.
 */
export function prepareOptimizer(optimizer: TrainedBy["optimizer"], weights: Variable[]): void {
  if (optimizer instanceof KerasOptimizer) {
    optimizer.build(weights);
    return;
  }
  const state = optimizer as { iterations_?: number };
  const iterations = state.iterations_;
  withVariablesRestored(() =>
    tf.tidy(() => {
      const gradients = weights.map((weight) => ({
        name: weight.name,
        tensor: tf.zerosLike(weight),
      }));
      (optimizer as unknown as Optimizer).applyGradients(gradients);
    }),
  );
  state.iterations_ = iterations;
}
