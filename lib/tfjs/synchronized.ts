/** BatchNormalization with Keras' `synchronized`: where several workers or devices train, its statistics are those of all. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Layer } from "./layer";
import { onBatchNormalization } from "./madeNormalizations";
import { prototypeOf } from "./prototypes";
import * as tf from "./tfjs";

declare module "@tensorflow/tfjs-layers/dist/layers/normalization" {
  interface BatchNormalizationLayerArgs {
    /** Whether statistics are of the parts of all workers or devices that train together. @default false */
    synchronized?: boolean;
  }
}

const synchronized = new WeakSet<Layer>();

/** Sums a tensor over all workers; gradients go through it. */
export type SumOfAll = (own: Tensor) => Tensor;

let sumOfAll: SumOfAll | undefined;

/** Lets tfjs' layer take and keep the option. */
export function synchronizeAsKeras(): void {
  const prototype = prototypeOf("BatchNormalization");
  const { getConfig } = prototype;
  prototype.getConfig = function () {
    const config = getConfig.call(this);
    return synchronized.has(this) ? { ...config, synchronized: true } : config;
  };
  onBatchNormalization((layer, options) => {
    if (options.synchronized === true) synchronized.add(layer);
  });
}

/** Makes one layer's statistics those of all workers. */
export function synchronize(layer: Layer): void {
  synchronized.add(layer);
}

/** Runs a step whose synchronized layers see the samples of all workers. */
export function withSumOfAll<T>(sum: SumOfAll, run: () => T): T {
  sumOfAll = sum;
  try {
    return run();
  } finally {
    sumOfAll = undefined;
  }
}

/** What sums the statistics of a layer now; undefined where they are its own. */
export function sumFor(layer: Layer): SumOfAll | undefined {
  return synchronized.has(layer) ? sumOfAll : undefined;
}

/** Mean and variance of all workers' samples, as Keras computes them: from the sums of values and of their squares. */
export function momentsOfAll(
  input: Tensor,
  { axis, mask, sum }: { axis: number; mask: Tensor | null | undefined; sum: SumOfAll },
): { mean: Tensor; variance: Tensor } {
  const axes = input.shape.map((_, i) => i).filter((i) => i !== axis);
  const channels = input.shape[axis]!;
  let [values, count]: Tensor[] = [input, tf.fill([1], input.size / channels)];
  if (mask != null) {
    const isKept = tf.expandDims(mask, -1);
    values = tf.where(isKept, input, tf.zerosLike(input));
    const counted = tf.where(isKept, tf.onesLike(input), tf.zerosLike(input));
    count = tf.slice(tf.sum(counted, axes), [0], [1]);
  }
  const own = tf.concat([tf.sum(values!, axes), tf.sum(tf.square(values!), axes), count!]);
  const all = tf.split(sum(own), [channels, channels, 1]);
  const mean = tf.div(all[0]!, all[2]!);
  const variance = tf.sub(tf.div(all[1]!, all[2]!), tf.square(mean));
  return { mean, variance };
}
