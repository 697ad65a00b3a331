/** Covers a part of images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { randomNormal } from "../engine";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import { drawBoxes, withinBoxes } from "./boxes";
import type { Range } from "./colours";
import { type Config, type Factor, factorBounds } from "./options";
import { clip, RandomColorLayer, type RandomColorOptions } from "./randomColor";

/** Options of `layers.randomErasing`. */
export interface RandomErasingOptions extends RandomColorOptions {
  /** The probability of a change is drawn between two numbers, or 0 and this one; in [0, 1]. @default 1 */
  factor?: Factor;
  /**
   * Bounds of a share of height and of width, each squared, in [0, 1]; one number is the upper bound.
   *
   * @default [0.02, 0.33]
   */
  scale?: Factor;
  /** What covers the part: a number, three for the channels, or null for noise. @default null */
  fillValue?: number | [number, number, number] | null;
}

/**
 * Covers a rectangle of some images while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_erasing/
 */
export class RandomErasing extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomErasing";
  private readonly scale: Range;
  private readonly fillValue: number | [number, number, number] | null;

  constructor(options: RandomErasingOptions = {}) {
    const within = { low: 0, high: 1 };
    super(options, factorBounds("factor", options.factor ?? 1, within));
    this.scale = factorBounds("scale", options.scale ?? [0.02, 0.33], within);
    this.fillValue = options.fillValue ?? null;
    checkFill(this.fillValue);
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const side = () => tf.sqrt(this.draw(images, this.scale));
    const boxes = drawBoxes(images, { width: side(), height: side() }, this.keys);
    const chosen = this.choose(images, this.factor);
    const covered = tf.logicalAnd(withinBoxes(images, boxes), chosen);
    return tf.where(covered, clip(this.cover(images), this.valueRange), images);
  }

  private cover(images: Tensor4D): Tensor {
    const { fillValue, valueRange } = this;
    if (fillValue !== null) return tf.tensor(fillValue as number);
    return tf.mul(randomNormal(images.shape, this.keys), valueRange[1]);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), scale: this.scale, fillValue: this.fillValue };
  }
}

function checkFill(value: unknown): void {
  const three = Array.isArray(value) && value.length === 3 ? value : [value];
  if (value === null || three.every(Number.isFinite)) return;
  throw invalidArgument("fillValue", {
    expected: "a number, three for the channels, or null",
    received: value,
  });
}
