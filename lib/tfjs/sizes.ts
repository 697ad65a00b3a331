/** Bounds that JavaScript sets on tensors; beyond them tfjs ends the process, or names nothing. */
import { constants } from "node:buffer";
import os from "node:os";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue, InvalidArgumentError } from "../errors";
import { formatBytes } from "../text";
import { insides } from "./insides";
import type { Layer } from "./layer";
import * as tf from "./tfjs";

/** Bytes that one array of JavaScript can hold: 4 GiB in Node 20. */
export const LARGEST_ARRAY = constants.MAX_LENGTH;

let memory: number | undefined;

/** Bytes of memory that the machine has, or this process may have of it; asked once, since the system reads files. */
export function availableMemory(): number {
  memory ??= Math.min(os.totalmem(), process.constrainedMemory() || Infinity);
  return memory;
}

/** Refuses to read a tensor that no array can hold. */
export function checkReadable({
  shape,
  size,
  dtype,
}: Pick<Tensor, "shape" | "size" | "dtype">): void {
  const bytes = size * (dtype === "bool" ? 1 : 4);
  if (bytes <= LARGEST_ARRAY) return;
  throw new ConvnetsError(
    `A tensor of shape [${shape.join(", ")}] has ${formatBytes(bytes)}, and an array of JavaScript holds ` +
      `${formatBytes(LARGEST_ARRAY)}.`,
    { hint: "Work on a part of it at a time, for example with `tf.slice`." },
  );
}

/** Lets a layer say which of its weights is too large, instead of `Invalid typed array length`. */
export function refuseHugeWeights(): void {
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf(tf.LayersModel.prototype)) as Layer;
  const maker = insides("Layer", prototype);
  const { addWeight } = maker;
  maker.addWeight = function (this: Layer, name, shape, ...rest) {
    const bytes = shape.reduce((product, size) => product * size, 4);
    const most = Math.min(LARGEST_ARRAY, availableMemory());
    if (bytes > most) {
      throw new InvalidArgumentError(
        `The layer ${describeValue(this.name)} (${this.getClassName()}) would have a weight "${name}" of shape ` +
          `[${shape.join(", ")}], ${formatBytes(bytes)}. The most here is ${formatBytes(most)}.`,
      );
    }
    return addWeight.call(this, name, shape, ...rest);
  };
}
