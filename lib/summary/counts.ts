/** How many numbers a model holds, and how much memory they take. */
import type { InternalModel, InternalOptimizer, LayerWeight } from "../tfjs";

/** Numbers and bytes. */
export interface Amount {
  count: number;
  bytes: number;
}

/** Adds up weights. */
export function amountOf(weights: LayerWeight[]): Amount {
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
 * What Keras counts as the optimizer's own: the step counter (8 bytes), the learning rate and the slots.
 *
 * @returns undefined before the first step and for optimizers that Keras doesn't have.
 */
export function optimizerAmount(model: InternalModel): Amount | undefined {
  const optimizer = model.optimizer_;
  if (optimizer === undefined || optimizer.iterations === 0) return undefined;
  const slots = slotsOf(optimizer);
  if (slots === undefined) return undefined;
  const trained = amountOf(model.collectedTrainableWeights ?? []);
  return { count: slots * trained.count + 2, bytes: slots * trained.bytes + 12 };
}

function slotsOf(optimizer: InternalOptimizer): number | undefined {
  switch (optimizer.getClassName()) {
    case "SGD":
      return 0;
    case "Momentum":
    case "Adagrad":
      return 1;
    case "Adam":
    case "Adamax":
    case "Adadelta":
      return 2;
    case "RMSProp": {
      const { momentum, centered } = optimizer as unknown as {
        momentum: number;
        centered: boolean;
      };
      return 1 + (momentum > 0 ? 1 : 0) + (centered ? 1 : 0);
    }
    default:
      return undefined;
  }
}

/** Bytes in the largest unit that leaves at least 1: `"407.04 KB"`. */
export function memoryText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  while (value >= 1024 && units.length > 1) {
    value /= 1024;
    units.shift();
  }
  return `${value.toFixed(2)} ${units[0]}`;
}
