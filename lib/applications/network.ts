/** From checked options to a network with its weights. */
import type { LayersModel, layers, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { loadWeights } from "../saving";
import { tf } from "../tfjs";
import type { ApplicationSettings } from "./options";
import { describeWeights, type WeightsDescription } from "./weights";

/** Calls layers one after the other. */
export type Apply = (
  layer: layers.Layer,
  inputs: SymbolicTensor | SymbolicTensor[],
) => SymbolicTensor;

/** How a network is put together. */
export interface Architecture {
  name: string;
  /** The last feature maps. */
  features(input: SymbolicTensor, apply: Apply): SymbolicTensor;
  /** The classifier on them. */
  top(features: SymbolicTensor, apply: Apply, settings: ApplicationSettings): SymbolicTensor;
}

/**
 * Builds a network and gives it its weights.
 *
 * @throws ModelFileError when they don't fit; nothing is left behind.
 */
export async function buildNetwork(
  architecture: Architecture,
  settings: ApplicationSettings,
  weights: WeightsDescription,
): Promise<LayersModel> {
  const { source } = weights;
  const model = assemble(architecture, settings, { isFilled: source !== undefined });
  try {
    if (source !== undefined) {
      const byName = weights.name === "edges" || weights.name === "dogs"; // one part of a larger model
      await loadWeights(model, source, { byName });
    }
  } catch (error) {
    model.dispose();
    throw error;
  }
  describeWeights(model, weights);
  return model;
}

function assemble(
  architecture: Architecture,
  settings: ApplicationSettings,
  { isFilled }: { isFilled: boolean },
): LayersModel {
  const apply: Apply = (layer, inputs) => {
    // Values from a file need no random ones before them.
    layer.setFastWeightInitDuringBuild(isFilled);
    return layer.apply(inputs);
  };
  const input = tf.input({ shape: settings.inputShape });
  const features = architecture.features(input, apply);
  let output = features;
  if (settings.includeTop) output = architecture.top(features, apply, settings);
  else if (settings.pooling === "avg") output = apply(globalAverage(), features);
  else if (settings.pooling === "max") {
    output = apply(tf.layers.globalMaxPooling2d({}), features);
  }
  return tf.model({ inputs: input, outputs: output, name: architecture.name });
}

/** The mean of each feature map. */
export function globalAverage(): layers.Layer {
  return tf.layers.globalAveragePooling2d({});
}

/** The last layer of a classifier. */
export function predictions({ classes, classifierActivation }: ApplicationSettings): layers.Layer {
  return tf.layers.dense({
    units: classes,
    activation: classifierActivation as "softmax",
    name: "predictions",
  });
}
