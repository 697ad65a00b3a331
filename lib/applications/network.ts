/** From checked options to a network with its weights. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { loadWeights } from "../saving";
import { tf } from "../tfjs";
import type { Apply, Architecture } from "./architecture";
import { pooled } from "./endings";
import type { ApplicationSettings } from "./options";
import { describeWeights, type WeightsDescription } from "./weights";

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
  const features = architecture.features(input, apply, settings);
  const { top, end = pooled } = architecture;
  const output = (settings.includeTop ? top : end)(features, apply, settings);
  return tf.model({ inputs: input, outputs: output, name: architecture.name });
}
