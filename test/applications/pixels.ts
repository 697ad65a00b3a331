import type { Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../lib/index";

/** Images that the Python programs of this folder make alike, in [0, 255]. The caller disposes them. */
export function pixels(shape: [number, number, number, number]): Tensor4D {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, (_, i) => (i * 7919) % 256),
    shape,
  );
}

/** The same, no two images alike whatever their size. */
export function noise(shape: [number, number, number, number]): Tensor4D {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, (_, i) => ((31 * i * i + 7919 * i) % 65521) % 256),
    shape,
  );
}
