/** Looks at where a tensor's numbers are, without a copy. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { borrowValues } from "../../lib/tfjs";

/** The array that JavaScript holds of a tensor. */
export function memoryOf(tensor: Tensor) {
  const { values, end } = borrowValues(tensor);
  end();
  return values;
}
