/** What `fit`, `evaluate` and `predict` are given, checked: options of running, and data as batches. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkOneOf, checkVerbose } from "../checks";
import type { Share } from "../compiled";
import { type DeviceGroup, Mirrored, MultiWorkerMirrored, type Strategy } from "../distributed";
import { describeValue, InvalidArgumentError, invalidArgument } from "../errors";
import type { Objective } from "../objectives";
import { functionalOf, leafLayers, tf } from "../tfjs";
import {
  ArraySource,
  type BatchSource,
  DatasetSource,
  isDataset,
  readArrays,
  type Tensors,
  type TrainingData,
} from "./batches";

/** Refuses unknown engines and the like. */
export function checkRunnerOptions(options: {
  engine?: unknown;
  precision?: unknown;
  verbose?: unknown;
}): void {
  checkOneOf("engine", options.engine, ["auto", "graph", "eager"]);
  checkOneOf("precision", options.precision, ["float32", "bfloat16"]);
  checkVerbose(options.verbose, ["auto", 0, 1, 2]);
}

/** Refuses tfjs' own ops for what several workers or devices compute. */
export function refuseEager({ engine, strategy }: { engine?: unknown; strategy?: Strategy }): void {
  checkStrategy(strategy);
  if (engine !== "eager" || isAlone(strategy)) return;
  throw invalidArgument("engine", {
    expected: '"auto" or "graph" where several workers or devices compute together',
    received: engine,
  });
}

/** Refuses layers that keep states of each sample of a batch, of which several workers or devices see parts. */
export function refuseStateful(model: LayersModel, { strategy }: { strategy?: Strategy }): void {
  if (isAlone(strategy)) return;
  const keeping = leafLayers(model).find(({ layer }) => layer.stateful);
  if (keeping === undefined) return;
  throw new InvalidArgumentError(
    `\`strategy\` splits batches, and the layer ${keeping.layer.name} keeps states of whole ones: it is \`stateful\`.`,
    { hint: "Compute without a strategy, or make the layer without `stateful`." },
  );
}

function isAlone(strategy: Strategy | undefined): boolean {
  return strategy instanceof Mirrored ? strategy.group === undefined : (strategy?.size ?? 1) === 1;
}

function checkStrategy(strategy: unknown): void {
  if (strategy === undefined) return;
  if (strategy instanceof MultiWorkerMirrored || strategy instanceof Mirrored) return;
  throw invalidArgument("strategy", {
    expected: "what `mirrored()` or `multiWorkerMirrored()` returns",
    received: strategy,
  });
}

/** The devices that compute together, where a strategy names several of this process. */
export function devicesOf({ strategy }: { strategy?: Strategy }): DeviceGroup | undefined {
  return strategy instanceof Mirrored ? strategy.group : undefined;
}

/** The batches behind what a user gave as data. */
export async function sourceOf(
  model: LayersModel,
  objective: Objective,
  data: TrainingData,
  options: {
    batchSize?: number;
    sampleWeight?: Tensors;
    shuffle: boolean;
    share?: Share;
    label: string;
  },
): Promise<BatchSource> {
  const { label, share, shuffle, batchSize = 32 } = options;
  if (isDataset(data)) {
    refuseForDatasets(options, ["batchSize", "sampleWeight"]);
    return new DatasetSource(data, { model: functionalOf(model), objective, share, label });
  }
  const [x, y, sampleWeight] = unpack(data, options);
  const arrays = await readArrays(functionalOf(model), objective, { x, y, sampleWeight });
  return new ArraySource(arrays, { batchSize, shuffle }, share);
}

/** Refuses labels beside the inputs, as Python's Keras takes them. */
export function refuseLabels(options: unknown, where: string): void {
  if (![options].flat().some((each) => each instanceof tf.Tensor)) return;
  throw new InvalidArgumentError(
    `${where} takes inputs and labels as one list. Received: labels=${describeValue(options)}`,
    { hint: `Call \`${where}(model, [x, y], { … })\`.` },
  );
}

/** `[x, y]` or `[x, y, sampleWeight]`, the weights perhaps given as an option. */
export function unpack(
  data: TrainingData,
  options: { sampleWeight?: Tensors; label: string },
): [x: Tensors, y: Tensors, sampleWeight: Tensors | undefined] {
  if (!Array.isArray(data) || data.length < 2 || data.length > 3) {
    throw invalidArgument(options.label, {
      expected: "[x, y], [x, y, sampleWeight] or a tf.data.Dataset of { xs, ys }",
      received: data,
    });
  }
  const [x, y, third] = data;
  if (third !== undefined && options.sampleWeight !== undefined) {
    throw new InvalidArgumentError(
      "`sampleWeight` must be given once: in the data or as an option.",
    );
  }
  return [x, y, third ?? options.sampleWeight];
}

/** Refuses options that mean nothing for a dataset. */
export function refuseForDatasets(options: object, names: string[]): void {
  for (const name of names) {
    if ((options as Record<string, unknown>)[name] !== undefined) {
      throw new InvalidArgumentError(
        `\`${name}\` must not be given with a dataset, which yields whole batches.`,
        { hint: "Make the dataset itself yield what you want, for example with `.batch(32)`." },
      );
    }
  }
}
