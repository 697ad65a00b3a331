/** What makes a run of `fit` the same run in another process. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { hashOf } from "../../files";
import { functionalOf, leafLayers, lossWeightsOf, optimizerOf } from "../../tfjs";
import type { BatchSource } from "../batches";
import { hashArchitecture, hashWeights } from "./model";

/** Everything that the result of a run follows from, as hashes. */
export interface RunIdentity {
  model: string;
  optimizer: string;
  objective: string;
  weights: string;
  data: string;
  validation: string;
  options: string;
  callbacks: string;
}

/** What a reader calls each part. */
const titles: Record<keyof RunIdentity, string> = {
  model: "the model's layers are",
  optimizer: "the optimizer is",
  objective: "the loss or metrics are",
  weights: "the model's first weights are",
  data: "the training data or its batches are",
  validation: "the validation data is",
  options: "the options of fit are",
  callbacks: "the callbacks are",
};

/** Describes a run before its first step. */
export async function identifyRun(
  model: LayersModel,
  run: {
    training: BatchSource;
    validation: BatchSource | undefined;
    /** Options that change results, but for the data's. */
    options: object;
    callbacks: object[];
  },
): Promise<RunIdentity> {
  const inner = functionalOf(model);
  const { loss, metrics } = inner;
  const weights = lossWeightsOf(inner);
  const optimizer = optimizerOf(model);
  const { training, validation, options, callbacks } = run;
  return {
    model: hashOf([hashArchitecture(model), leafLayers(model).map(({ frozen }) => frozen)]),
    optimizer: hashOf([optimizer?.getClassName(), optimizer?.getConfig()]),
    objective: hashOf([loss, metrics, ...(weights === undefined ? [] : [weights])]),
    weights: await hashWeights(model),
    data: hashOf(await training.identity()),
    validation: hashOf((await validation?.identity()) ?? null),
    options: hashOf(options),
    callbacks: hashOf(callbacks),
  };
}

/** The first thing in which two runs differ, in words: `the training data is`. */
export function differenceOf(one: RunIdentity, other: RunIdentity): string | undefined {
  const parts = Object.keys(titles) as (keyof RunIdentity)[];
  const part = parts.find((name) => one[name] !== other[name]);
  return part && titles[part];
}
