/** How networks end: with a classifier on the mean of each feature map, or with the pooled maps. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { Apply } from "./architecture";
import type { ApplicationSettings } from "./options";
import { globalAverage, predictions } from "./parts";

/** The mean of each feature map, and probabilities of classes from them. */
export function averageTop(
  features: SymbolicTensor,
  apply: Apply,
  settings: ApplicationSettings,
): SymbolicTensor {
  return apply(predictions(settings), apply(globalAverage("avg_pool"), features));
}

/** The mean or the maximum of each feature map, or the maps themselves, as the option says. */
export function pooled(
  features: SymbolicTensor,
  apply: Apply,
  { pooling }: ApplicationSettings,
): SymbolicTensor {
  if (pooling === null) return features;
  return apply(pooling === "avg" ? globalAverage() : tf.layers.globalMaxPooling2d({}), features);
}

/** The same, in layers that have names in Keras' networks. */
export function pooledByName(
  features: SymbolicTensor,
  apply: Apply,
  { pooling }: ApplicationSettings,
): SymbolicTensor {
  if (pooling === null) return features;
  const maximum = () => tf.layers.globalMaxPooling2d({ name: "max_pool" });
  return apply(pooling === "avg" ? globalAverage("avg_pool") : maximum(), features);
}
