/** Options of Keras' BatchNormalization that tfjs' layer doesn't know. */
import type { Layer } from "./layer";
import type { Config } from "./serialized";
import * as tf from "./tfjs";

/** Hears of each BatchNormalization, whether `tf.layers` makes it or a configuration. */
export function onBatchNormalization(hear: (layer: Layer, options: Config) => void): void {
  const entry = tf.serialization.SerializationMap.getMap().classNameMap.BatchNormalization!;
  const [, fromConfig] = entry;
  entry[1] = (cls, config) => {
    const layer = fromConfig(cls, config);
    hear(layer as Layer, config);
    return layer;
  };
  const { batchNormalization } = tf.layers;
  const heard: typeof batchNormalization = (args = {}) => {
    const layer = batchNormalization(args);
    hear(layer, args as Config);
    return layer;
  };
  Object.assign(tf.layers, { batchNormalization: heard });
}
