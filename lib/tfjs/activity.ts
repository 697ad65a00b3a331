/** Activity regularizers, which tfjs 4.22 has as an option and refuses at the first call. */
import type { Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Layer } from "./layer";
import { type Serialized, serialized } from "./serialized";
import * as tf from "./tfjs";

type Listener = (loss: Scalar) => void;

let listener: Listener | undefined;

/** What layers regularize that are being called. */
const called = new WeakMap<Layer, Layer["activityRegularizer"]>();

/** A layer of parts, whose outputs are regularized, too. */
export interface RegularizesParts {
  /** Whether the layer's own output is regularized besides. */
  readonly regularizesOutput: boolean;
}

/** Counts the output of a part of a layer, and returns it. */
export function regularizePart(layer: Layer, output: Tensor): Tensor {
  const regularizer = called.get(layer);
  if (regularizer != null) regularize(regularizer, output);
  return output;
}

function regularize(regularizer: Layer["activityRegularizer"], output: Tensor): void {
  if (listener === undefined) return;
  const loss = regularizer.apply(output);
  listener(output.rank === 0 ? loss : tf.div(loss, output.shape[0]!));
}

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
      called.set(this, activityRegularizer);
      try {
        outputs = apply.apply(this, given);
      } finally {
        this.activityRegularizer = activityRegularizer;
        called.delete(this);
      }
      if ((this as Partial<RegularizesParts>).regularizesOutput === false) return outputs;
      for (const output of [outputs].flat()) {
        if (output instanceof tf.Tensor) regularize(activityRegularizer, output as Tensor);
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
  layer.activityRegularizer = regularizer === null ? null! : madeOf(regularizer);
}

function madeOf({ className, config }: Serialized): Layer["activityRegularizer"] {
  const map = tf.serialization.SerializationMap.getMap().classNameMap;
  const [cls, fromConfig] = map[className]!;
  return fromConfig(cls, config as never) as unknown as Layer["activityRegularizer"];
}

/** Describes a layer's activity regularizer. */
export function activityRegularizerOf({ activityRegularizer }: Layer): Serialized | null {
  return serialized(activityRegularizer);
}
