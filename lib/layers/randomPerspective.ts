/** Looks at images from another place at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { randomUniform } from "../engine";
import { DType, runKernel, tf } from "../tfjs";
import type { Range } from "./colours";
import { type ImageLayerOptions, RandomImageLayer } from "./imageLayer";
import { type Config, type Factor, factorBounds, oneOf } from "./options";
import { type Interpolation, interpolations, projectiveTransform } from "./projectiveTransform";

/** Options of `layers.randomPerspective`. */
export interface RandomPerspectiveOptions extends ImageLayerOptions {
  /** The probability of a change is drawn between two numbers, or 0 and this one; in [0, 1]. @default 1 */
  factor?: Factor;
  /** How far corners are moved: by up to half of this share of their coordinates. In [0, 1]. @default 1 */
  scale?: number;
  /** How a pixel between four others is found. @default "bilinear" */
  interpolation?: Interpolation;
  /** What lies beyond the image's edge. @default 0 */
  fillValue?: number;
}

/**
 * Moves three corners of some images while training; the first one stays, as in Keras.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_perspective/
 */
export class RandomPerspective extends RandomImageLayer {
  /** Keras' name of the class. */
  static className = "RandomPerspective";
  private readonly factor: Range;
  private readonly scale: number;
  private readonly sampling: { interpolation: Interpolation; fillValue: number };

  constructor(options: RandomPerspectiveOptions = {}) {
    super(options);
    this.factor = factorBounds("factor", options.factor ?? 1, { low: 0, high: 1 });
    checkNumber("scale", options.scale, { low: 0, high: 1 });
    checkNumber("fillValue", options.fillValue);
    this.scale = options.scale ?? 1;
    this.sampling = {
      interpolation: oneOf("interpolation", options.interpolation, {
        allowed: interpolations,
        byDefault: "bilinear",
      }),
      fillValue: options.fillValue ?? 0,
    };
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const [batch, height, width] = images.shape;
    const draws = tf.mul(tf.sub(randomUniform([batch, 4, 2], this.keys), 0.5), this.scale);
    const moved = tf.mul(tf.tensor2d(cornersOf(height, width)), tf.add(draws, 1));
    const transforms = perspectives(moved, { height, width });
    const sampling = { fillMode: "constant", ...this.sampling } as const;
    const seen = projectiveTransform(images, transforms, sampling);
    return tf.where(this.choose(images, this.factor), seen, images);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { factor, scale } = this;
    return { ...super.getConfig(), factor, scale, ...this.sampling };
  }
}

const cornersOf = (height: number, width: number): [number, number][] => [
  [0, 0],
  [width - 1, 0],
  [0, height - 1],
  [width - 1, height - 1],
];

/**
 * The transforms that put the images' corners elsewhere.
 *
 * @param moved `[batch, 4, 2]`: x and y of where the corners are put, in rows.
 * @returns `[batch, 8]` float32; the caller disposes it.
 */
export function perspectives(
  moved: Tensor,
  { height, width }: { height: number; width: number },
): Tensor {
  const corners = cornersOf(height, width);
  const at = (change: (x: number, y: number) => number[][]) =>
    tf.tensor3d(corners.map(([x, y]) => change(x, y)));
  return tf.tidy(() => {
    // Two equations for each corner, which depend linearly on where it is put.
    const byX = at((x, y) => [
      [1, 0, 0, 0, 0, 0, -x, 0],
      [0, 0, 0, 1, 0, 0, -y, 0],
    ]);
    const byY = at((x, y) => [
      [0, 1, 0, 0, 0, 0, 0, -x],
      [0, 0, 0, 0, 1, 0, 0, -y],
    ]);
    const constant = at(() => [
      [0, 0, 1, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 1, 0, 0],
    ]);
    const [x, y] = tf.split(tf.reshape(moved, [-1, 4, 1, 2]), 2, 3);
    const sum = tf.add(tf.add(tf.mul(x!, byX), tf.mul(y!, byY)), constant);
    const equations = tf.reshape(sum, [-1, 8, 8]);
    const results = tf.add(
      tf.mul(tf.slice(equations, [0, 0, 0], [-1, -1, 1]), 0),
      tf.reshape(tf.tensor2d(corners), [1, 8, 1]),
    );
    const attrs = { T: { type: DType.float32 }, adjoint: { bool: false } };
    return tf.reshape(runKernel("MatrixSolve", [equations, results], { attrs })[0]!, [-1, 8]);
  });
}
