/** Activity regularizers, which tfjs 4.22 has as an option and refuses at the first call. */
import type { Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Layer } from "./layer";
import { type Serialized, serialized } from "./serialized";
import * as tf from "./tfjs";

type Listener = (loss: Scalar) => void;

let listener: Listener | undefined;

/** Lets layers with an activity regularizer be called. */
export function regularizeActivity(): void {
  const { prototype } = tf.layers.Layer;
  const { apply } = prototype;
  Object.assign(prototype, {
    apply(this: Layer, ...given: Parameters<typeof apply>) {
      const { activityRegularizer } = this;
      if (activityRegularizer == null) return apply.apply(this, given);
      let outputs: unknown;
      this.activityRegularizer = null!; // or tfjs throws
      try {
        outputs = apply.apply(this, given);
      } finally {
        this.activityRegularizer = activityRegularizer;
      }
      for (const output of [outputs].flat()) {
        if (listener === undefined || !(output instanceof tf.Tensor)) continue;
        const loss = activityRegularizer.apply(output as Tensor);
        listener(output.rank === 0 ? loss : tf.div(loss, output.shape[0]!));
      }
      return outputs;
    },
  });
}

/**
 * Runs layers and says what their activity regularizers ask for.
 *
 * @returns What `run` returns, and one scalar for each output of a layer that has such a regularizer. The caller
 * disposes them.
 */
export function withActivityLosses<T>(run: () => T): { result: T; losses: Scalar[] } {
  const losses: Scalar[] = [];
  const before = listener;
  listener = (loss) => losses.push(tf.keep(loss)); // a model frees what it doesn't give
  try {
    return { result: run(), losses };
  } finally {
    listener = before;
  }
}

/** Gives a layer an activity regularizer, or none; the classes of tfjs that take none as an option, too. */
export function regularizeActivityOf(layer: Layer, regularizer: Serialized | null): void {
  layer.activityRegularizer =
    regularizer === null
      ? null!
      : tf.regularizers.l1l2(regularizer.config as { l1: number; l2: number });
}

/** Describes a layer's activity regularizer. */
export function activityRegularizerOf({ activityRegularizer }: Layer): Serialized | null {
  return serialized(activityRegularizer);
}
