/** What features follow from, as the name of their file. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { ReadWeights, RunnerOptions } from "../../compiled";
import { invalidArgument } from "../../errors";
import { hashOf } from "../../files";
import { type BatchDataset, isKnownDataset } from "../batches";
import { hashArchitecture, hashWeights } from "../identity";

/** Raised when the files change, so that older ones aren't looked at. */
const FILE_FORMAT = 2;

/**
 * A hash of the dataset's content, of the model and of what is done before and in it.
 *
 * @param options.reading Finds the weights that the features are computed with.
 * @throws InvalidArgumentError for a dataset of which nobody knows what it holds.
 */
export async function featureKey(
  model: LayersModel,
  dataset: BatchDataset,
  options: {
    preprocess?: unknown;
    precision?: RunnerOptions["precision"];
    reading: ReadWeights;
  },
): Promise<string> {
  const { preprocess, precision = "float32", reading } = options;
  if (!isKnownDataset(dataset)) {
    throw invalidArgument("dataset", {
      expected:
        "of `imageDatasetFromDirectory` when `cacheDir` is given: what it holds must be known",
      received: dataset,
    });
  }
  const content = await dataset.contentHash();
  const weights = await hashWeights(model, reading);
  const what = [content, hashArchitecture(model), weights, preprocess ?? null, precision];
  return hashOf([...what, FILE_FORMAT]);
}
