/** How networks end: with a classifier on the mean of each feature map, or with the pooled maps. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { Apply, Architecture } from "./architecture";
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
export const pooled = pooling({});

/** The same, in layers that have names in Keras' networks. */
export const pooledByName = pooling({ avg: "avg_pool", max: "max_pool" });

function pooling(names: { avg?: string; max?: string }): NonNullable<Architecture["end"]> {
  return (features, apply, settings) => {
    if (settings.pooling === null) return features;
    const isMean = settings.pooling === "avg";
    const maximum = () => tf.layers.globalMaxPooling2d({ name: names.max });
    return apply(isMean ? globalAverage(names.avg) : maximum(), features);
  };
}
