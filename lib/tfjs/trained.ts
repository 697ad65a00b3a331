/**
 * What is being trained, for whoever reads or writes it meanwhile.
 *
 * A training may have a copy of the weights that runs ahead of the model's.
 */
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue } from "../errors";
import { type Layer, leavesOf } from "./layer";
import * as tf from "./tfjs";

/** The weights of a model's trainable layers and its optimizer, taken for one training. */
export interface Claim {
  /** Whether the model may be changed, as by a callback: the training takes over what was. True at first. */
  isOpen: boolean;
  /** Gives weights and optimizer back. */
  release(): void;
}

/** A training that is under way. */
export interface Training extends Claim {
  model: LayersModel;
  refresh: () => Promise<void>;
}

/** Any weight of a layer. */
export type AnyWeight = Layer["weights"][number];

/** Who trains a weight, or has an optimizer, and what to call it in a message. */
export const trained = new Map<AnyWeight | Optimizer, { training: Training; title: string }>();

/** Whether a `fit` is under way, of whatever model. */
export function isTraining(): boolean {
  return trained.size > 0;
}

/** Brings the weights of a layer or model up to date with the last finished step of what trains them, if anything does. */
export async function bringUpToDate(layer: Layer): Promise<void> {
  for (const training of new Set(trainingsOf(layer))) await training.refresh();
}

/**
 * Refuses to change what a training would overwrite.
 *
 * @param what What would change it, as the caller wrote it.
 * @throws ConvnetsError while a `fit` trains any of the weights, unless it lets callbacks change them.
 */
export function refuseWhileTrained(changed: Layer | Optimizer, what: string): void {
  const training = trainingsOf(changed).find(({ isOpen }) => !isOpen);
  if (training === undefined) return;
  const name = describeValue(training.model.name);
  throw new ConvnetsError(
    `\`${what}\` would change the model ${name} while a \`fit\` trains it, and be lost.`,
    { hint: "Wait for it first: `await fit(…)`; a callback may change the model at any time." },
  );
}

function trainingsOf(changed: Layer | Optimizer): Training[] {
  if (trained.size === 0) return [];
  const parts =
    "inboundNodes" in changed ? leavesOf(changed).flatMap(({ weights }) => weights) : [changed];
  return parts.flatMap((part) => trained.get(part)?.training ?? []);
}

/** Puts a check before tfjs' own ways to give a model, or a layer, other weights. */
export function refuseLostWeights(): void {
  const container = Object.getPrototypeOf(tf.LayersModel.prototype) as LayersModel;
  const layer = Object.getPrototypeOf(container) as Layer;
  const { setWeights } = layer;
  const { loadWeights } = container;
  layer.setWeights = function (weights) {
    refuseWhileTrained(this, "setWeights");
    setWeights.call(this, weights);
  };
  container.loadWeights = function (weights, strict) {
    refuseWhileTrained(this, "loadWeights");
    loadWeights.call(this, weights, strict);
  };
}
