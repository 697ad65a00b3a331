/** The base of the layers that augment images. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import { type Config, channelsLastOnly } from "./options";
import { RandomLayer, type RandomLayerOptions } from "./randomLayer";

/** What layers that augment images take. */
export interface ImageLayerOptions extends RandomLayerOptions {
  /** Layout of the images: only `"channelsLast"`, `[batch, height, width, channels]`. @default "channelsLast" */
  dataFormat?: "channelsLast" | null;
}

export const imageLayerOptions = { seed: true, dataFormat: true } as const;

/**
 * Changes images at random while training.
 *
 * Takes a batch `[batch, height, width, channels]` or one image `[height, width, channels]`, of any number
 * type; gives float32.
 */
export abstract class RandomImageLayer extends RandomLayer {
  constructor(options: ImageLayerOptions) {
    super(options);
    channelsLastOnly(options.dataFormat);
  }

  protected override prepare(input: Tensor): Tensor {
    checkImages(input);
    return input.dtype === "float32" ? input : tf.cast(input, "float32");
  }

  protected override perturb(input: Tensor): Tensor {
    return asBatch(input, (images) => this.perturbBatch(images));
  }

  /** Changes each image of a float32 batch. */
  protected abstract perturbBatch(images: Tensor4D): Tensor;

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), dataFormat: "channelsLast" };
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

/** Applies `change` to a batch, or to one image as a batch of one. */
export function asBatch(input: Tensor, change: (images: Tensor4D) => Tensor): Tensor {
  if (input.rank === 4) return change(input as Tensor4D);
  return tf.squeeze(change(tf.expandDims(input, 0) as Tensor4D), [0]);
}

/** An image shape, batched or not, with another height and width. */
export function resizedShape(
  inputShape: (number | null)[] | (number | null)[][],
  { height, width }: { height: number; width: number },
): (number | null)[] {
  const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (number | null)[];
  return [...shape.slice(0, -3), height, width, shape.at(-1)!];
}
