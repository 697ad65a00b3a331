/** What networks for small machines are made of. */
import type { layers } from "@tensorflow/tfjs-node-gpu";
import { type Shape, tf } from "../tfjs";
import { convolution } from "./parts";

/** A convolution without a bias. */
export function unbiased(options: {
  filters: number;
  /** Side of the window. @default 1 */
  size?: number;
  /** @default 1 */
  strides?: number;
  /** @default "same" */
  padding?: "same" | "valid";
  name: string;
}): layers.Layer {
  const { size = 1, padding = "same", ...others } = options;
  return convolution({ ...others, kernelSize: size, padding, useBias: false });
}

/** What MobileNets of the second and third version normalize by. */
export function normalization(name: string): layers.Layer {
  return tf.layers.batchNormalization({ epsilon: 1e-3, momentum: 0.999, name });
}

/**
 * Zeros around maps of which a window looks at every second pixel: one row less on top and left where the size is even.
 *
 * @param shape `[batch, height, width, channels]`.
 */
export function halvingPadding(
  shape: Shape,
  { size, name }: { size: number; name: string },
): layers.Layer {
  const after = Math.floor(size / 2);
  const isOpen = shape[1] === null; // to Keras, of any width then
  const border = (side: number | null | undefined): [number, number] => [
    after - 1 + (isOpen ? 0 : (side ?? 0) % 2),
    after,
  ];
  return tf.layers.zeroPadding2d({ padding: [border(shape[1]), border(shape[2])], name });
}

/** The nearest multiple of 8, but never less than nine tenths of `width`. */
export function divisible(width: number): number {
  const nearest = nearestMultiple(width);
  return nearest < 0.9 * width ? nearest + 8 : nearest;
}

/** The nearest multiple of 8, at least 8. */
export function nearestMultiple(width: number): number {
  return Math.max(8, Math.floor(Math.trunc(width + 4) / 8) * 8);
}

/** A number as Python prints it, in names of files. */
export function pythonFloat(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
