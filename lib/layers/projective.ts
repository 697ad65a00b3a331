/** The base of the layers that turn, zoom and shift images. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { type ImageLayerOptions, imageLayerOptions, RandomImageLayer } from "./imageLayer";
import { movePixels } from "./moves";
import { type Config, oneOf } from "./options";
import {
  type FillMode,
  fillModes,
  type Interpolation,
  interpolations,
  type Sampling,
} from "./projectiveTransform";

/** What layers that move pixels take. */
export interface ProjectiveOptions extends ImageLayerOptions {
  /**
   * What lies beyond the image's edge: its mirror image (`"reflect"`), one value (`"constant"`), the image again
   * (`"wrap"`) or its nearest pixel (`"nearest"`).
   *
   * @default "reflect"
   */
  fillMode?: FillMode;
  /** How a pixel between four others is found. @default "bilinear" */
  interpolation?: Interpolation;
  /** The value of `fillMode: "constant"`. @default 0 */
  fillValue?: number;
}

export const projectiveOptions = {
  ...imageLayerOptions,
  fillMode: true,
  interpolation: true,
  fillValue: true,
} as const;

/** How pixels are found, checked. */
export function samplingOf({
  fillMode,
  interpolation,
  fillValue,
}: Pick<ProjectiveOptions, "fillMode" | "interpolation" | "fillValue">): Sampling {
  checkNumber("fillValue", fillValue);
  return {
    fillMode: oneOf("fillMode", fillMode, { allowed: fillModes, byDefault: "reflect" }),
    interpolation: oneOf("interpolation", interpolation, {
      allowed: interpolations,
      byDefault: "bilinear",
    }),
    fillValue: fillValue ?? 0,
  };
}

/** A layer that moves each image's pixels by an affine transform of its own. */
export abstract class RandomProjectiveLayer extends RandomImageLayer {
  protected readonly sampling: Sampling;

  constructor(options: ProjectiveOptions) {
    super(options);
    this.sampling = samplingOf(options);
  }

  override perturbBatch(images: Tensor4D): Tensor {
    return movePixels(images, this.transforms(images), this.sampling);
  }

  /** One transform for each image, `[batch, 8]`. */
  protected abstract transforms(images: Tensor4D): Tensor;

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.sampling };
  }
}
