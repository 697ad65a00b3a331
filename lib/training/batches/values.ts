/** The numbers of whole tensors, taken in parts between which the event loop turns. */
import { setImmediate as pause } from "node:timers/promises";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkReadable, nodeBackend } from "../../tfjs";
import type { Column } from "./shapes";

export type Values = Float32Array | Int32Array | Uint8Array;

/** What is copied or converted in some milliseconds: 8 MB of four-byte numbers. */
const partLength = 2 ** 21;

/** A tensor's numbers in the array type of a dtype; without a copy where they are in JavaScript already. */
export async function readValues(tensor: Tensor, dtype: Column["dtype"]): Promise<Values> {
  checkReadable(tensor);
  const values =
    isLarge(tensor.size) && !livesHere(tensor) ? await copied(tensor) : tensor.dataSync();
  return convertedInParts(values as Values, dtype);
}

function isLarge(length: number): boolean {
  return length > partLength;
}

/** Whether the numbers of a tensor are still those that JavaScript made it from. */
function livesHere({ dataId }: Tensor): boolean {
  return nodeBackend().tensorMap.get(dataId).values !== null;
}

async function copied(tensor: Tensor): Promise<Values> {
  const rows = tensor.shape[0]!;
  const rowLength = tensor.size / rows;
  const rowsOfPart = Math.max(1, Math.floor(partLength / rowLength));
  const result = new arrayTypes[tensor.dtype as Column["dtype"]](tensor.size);
  for (let row = 0; row < rows; row += rowsOfPart) {
    const part = tensor.slice(row, Math.min(rowsOfPart, rows - row));
    try {
      result.set(part.dataSync(), row * rowLength);
    } finally {
      part.dispose();
    }
    await pause();
  }
  return result;
}

async function convertedInParts(values: Values, dtype: Column["dtype"]): Promise<Values> {
  if (!isLarge(values.length) || values instanceof arrayTypes[dtype]) {
    return converted(values, dtype);
  }
  const result = new arrayTypes[dtype](values.length);
  for (let start = 0; start < values.length; start += partLength) {
    const part = converted(values.subarray(start, start + partLength), dtype);
    if (!(part instanceof arrayTypes[dtype])) return values;
    result.set(part, start);
    await pause();
  }
  return result;
}

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Numbers in the array type of a dtype; unchanged, without a copy, where they already are. */
export function converted(values: Values, dtype: Column["dtype"]): Values {
  if (dtype === "float32") {
    return values instanceof Float32Array ? values : new Float32Array(values);
  }
  if (dtype === "bool") return values;
  if (values instanceof Int32Array) return values;
  // Class numbers with a fraction stay as they are for the check that refuses them.
  return values.every(Number.isInteger) ? new Int32Array(values) : values;
}
