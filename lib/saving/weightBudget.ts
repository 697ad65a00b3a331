/** Keeps a small file from asking for the memory of a large model. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkNewWeights, innerLayersOf, type Layer } from "../tfjs";
import { ModelFileError } from "./json";
import { layerTitle } from "./titles";

/** How many numbers the weights of a model may still take. */
export interface WeightBudget {
  left: number;
  /** What ends the limit on each layer. */
  limits: (() => void)[];
}

/** What has a limit already: layers in others are read first. */
const limited = new WeakSet<Layer>();

/** More than any compression of honest weights. */
const numbersPerByte = 32;

/** What a file of that size can hold. */
export function budgetFor(fileBytes: number): WeightBudget {
  return { left: fileBytes * numbersPerByte, limits: [] };
}

/** Lets a model's layers be as their classes are, unless some are to be built later. */
export function liftLimits(model: LayersModel, { limits }: WeightBudget): void {
  if (model.layers.every(({ built }) => built)) for (const lift of limits) lift();
}

/**
 * Lets a layer, and the layers in it, make weights only while the budget lasts.
 *
 * @throws ModelFileError, later, when the layer is built.
 */
export function limitWeights(layer: Layer, budget: WeightBudget): void {
  if (limited.has(layer)) return;
  limited.add(layer);
  const lift = checkNewWeights(layer, ({ name, shape }) => {
    budget.left -= shape.reduce((product, size) => product * size, 1);
    if (budget.left >= 0) return;
    const title = layerTitle(layer.getClassName(), layer.name);
    const weight = `a weight "${name}" of shape [${shape.join(", ")}]`;
    throw new ModelFileError(`${title} would have ${weight}, more than the file can hold`);
  });
  budget.limits.push(lift);
  for (const inner of innerLayersOf(layer)) limitWeights(inner, budget);
}
