/** Keeps a small file from asking for the memory of a large model. */

import { type Layer, partsOf } from "../tfjs";
import { ModelFileError } from "./json";
import { layerTitle } from "./titles";

/** How many numbers the weights of a model may still take. */
export interface WeightBudget {
  left: number;
}

/** More than any compression of honest weights. */
const numbersPerByte = 32;

/** What a file of that size can hold. */
export function budgetFor(fileBytes: number): WeightBudget {
  return { left: fileBytes * numbersPerByte };
}

/** What is used of a layer that makes its weights. */
interface MakesWeights {
  addWeight(name: string, shape: number[], ...rest: unknown[]): unknown;
}

/**
 * Lets a layer, and the layers in it, make weights only while the budget lasts.
 *
 * @throws ModelFileError, later, when the layer is built.
 */
export function limitWeights(layer: Layer, budget: WeightBudget): void {
  const maker = layer as unknown as MakesWeights;
  const addWeight = maker.addWeight.bind(layer);
  maker.addWeight = (name, shape, ...rest) => {
    budget.left -= shape.reduce((product, size) => product * size, 1);
    if (!(budget.left >= 0)) {
      throw new ModelFileError(
        `${layerTitle(layer.getClassName(), layer.name)} would have a weight "${name}" of shape [${shape.join(", ")}], more than the file can hold`,
      );
    }
    return addWeight(name, shape, ...rest);
  };
  const { cell, forwardLayer, backwardLayer } = partsOf(layer);
  for (const inner of [cell, forwardLayer, backwardLayer]) {
    if (inner !== undefined) limitWeights(inner, budget);
  }
}
