/** The base of the layers that augment images. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { randomUniform } from "../engine";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { Config } from "./options";
import { RandomLayer, type RandomLayerOptions } from "./randomLayer";
import { type DataFormat, dataFormatOf } from "./spatialLayer";

/** What layers that augment images take. */
export interface ImageLayerOptions extends RandomLayerOptions {
  /** Where the channels are: last, or before rows and columns. @default "channelsLast" */
  dataFormat?: DataFormat | null;
}

export const imageLayerOptions = { seed: true, dataFormat: true } as const;

/**
 * Changes images at random while training.
 *
 * Takes a batch `[batch, height, width, channels]` or one image `[height, width, channels]`, of any number
 * type, or either with the channels first; gives float32.
 */
export abstract class RandomImageLayer extends RandomLayer {
  /** Where the channels are. */
  readonly dataFormat: DataFormat;

  constructor(options: ImageLayerOptions) {
    super(options);
    this.dataFormat = dataFormatOf(options.dataFormat);
  }

  protected override prepare(input: Tensor): Tensor {
    checkImages(input);
    return input.dtype === "float32" ? input : tf.cast(input, "float32");
  }

  protected override perturb(input: Tensor): Tensor {
    return asBatch(input, (images) => this.perturbBatch(images), this.layout);
  }

  /** Where `perturb` looks for the channels; some of Keras' layers don't ask. */
  protected get layout(): DataFormat {
    return this.dataFormat;
  }

  /** Changes each image of a float32 batch with the channels last. */
  abstract perturbBatch(images: Tensor4D): Tensor;

  /** One number in [lower, upper) for each image, `[batch, 1, 1, 1]`. */
  protected draw(images: Tensor4D, [lower, upper]: [number, number]): Tensor {
    const draws = randomUniform([images.shape[0], 1, 1, 1], this.keys);
    return tf.add(tf.mul(draws, upper - lower), lower);
  }

  /** Which images are changed, where each has a probability in [lower, upper): bool `[batch, 1, 1, 1]`. */
  protected choose(images: Tensor4D, probability: [number, number]): Tensor {
    const draws = randomUniform([images.shape[0], 1, 1, 1], this.keys);
    return tf.less(draws, this.draw(images, probability));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), dataFormat: this.dataFormat };
  }
}

/** Refuses what is neither a batch of images nor one image. */
export function checkImages(input: Tensor): void {
  if (input.rank === 3 || input.rank === 4) return;
  throw invalidArgument("inputs", {
    expected: "a batch of images [batch, height, width, channels] or one image",
    received: input,
  });
}

/** Applies `change` to a batch with the channels last, or to one image as a batch of one. */
export function asBatch(
  input: Tensor,
  change: (images: Tensor4D) => Tensor,
  dataFormat: DataFormat,
): Tensor {
  if (input.rank === 3) {
    return tf.squeeze(asBatch(tf.expandDims(input, 0), change, dataFormat), [0]);
  }
  if (dataFormat === "channelsLast") return change(input as Tensor4D);
  const channelsLast = tf.transpose(input, [0, 2, 3, 1]) as Tensor4D;
  return tf.transpose(change(channelsLast), [0, 3, 1, 2]);
}

/** An image shape, batched or not, with another height and width. */
export function resizedShape(
  inputShape: (number | null)[] | (number | null)[][],
  { height, width }: { height: number; width: number },
  dataFormat: DataFormat,
): (number | null)[] {
  const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (number | null)[];
  const before = shape.slice(0, -3);
  return dataFormat === "channelsFirst"
    ? [...before, shape.at(-3)!, height, width]
    : [...before, height, width, shape.at(-1)!];
}
