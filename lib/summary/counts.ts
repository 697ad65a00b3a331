/** How many numbers a model holds, and how much memory they take. */
import type { LayersModel, Optimizer, Variable } from "@tensorflow/tfjs-node-gpu";
import { collectedWeights, optimizerOf, slotsAsKeras, type Weight } from "../tfjs";

/** Numbers and bytes. */
export interface Amount {
  count: number;
  bytes: number;
}

/** Adds up weights. */
export function amountOf(weights: readonly Pick<Weight, "shape" | "dtype">[]): Amount {
  let count = 0;
  let bytes = 0;
  for (const { shape, dtype } of weights) {
    const size = shape.reduce((product, length) => product * length, 1);
    count += size;
    bytes += size * (dtype === "bool" ? 1 : 4);
  }
  return { count, bytes };
}

/**
 * What Keras counts as the optimizer's own: the step counter (8 bytes), the learning rate unless it follows a schedule,
 * and the slots.
 *
 * @returns undefined before the first step and for optimizers that Keras doesn't have.
 */
export function optimizerAmount(model: LayersModel): Amount | undefined {
  const optimizer = optimizerOf(model);
  if (optimizer === undefined || optimizer.iterations === 0) return undefined;
  const slots = slotsAsKeras(optimizer);
  if (slots === undefined) return amountOfVariables(optimizer);
  const trained = amountOf(collectedWeights(model));
  const perWeight = slots.groups.flat().length;
  const numbers =
    slots.shared.length + (typeof optimizer.getConfig().learningRate === "number" ? 1 : 0);
  return {
    count: perWeight * trained.count + numbers + 1,
    bytes: perWeight * trained.bytes + 4 * numbers + 8,
  };
}

/** The same of optimizers that don't keep the same for all weights. */
function amountOfVariables(optimizer: Optimizer): Amount | undefined {
  const { namedVariables } = optimizer as Optimizer & Keeping;
  const kept = namedVariables?.call(optimizer).map(({ variable }) => variable);
  if (kept === undefined) return undefined;
  const { count, bytes } = amountOf(kept);
  const { learningRate, innerOptimizer } = optimizer.getConfig() as Settings;
  // A loss scale has steps and a rate beside those of the optimizer inside it, and another count of 8 bytes.
  const [counts, others] = innerOptimizer === undefined ? [1, 0] : [2, 1];
  const rate = innerOptimizer?.config.learning_rate ?? learningRate;
  const rates = others + (typeof rate === "number" ? 1 : 0);
  return { count: count + counts + rates, bytes: bytes + 8 * counts + 4 * rates + 4 * others };
}

interface Keeping {
  /** What this library's optimizers keep. */
  namedVariables?(): { variable: Variable }[];
}

interface Settings {
  learningRate?: unknown;
  innerOptimizer?: { config: { learning_rate?: unknown } };
}
