/** Resizes images exactly as TensorFlow and Keras do, with half-pixel centres. */
import type { GradSaveFunc, Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError } from "../errors";
import { DType, type KernelAttr, runKernel, tf } from "../tfjs";

export const resizeMethods = [
  "bilinear",
  "nearest",
  "bicubic",
  "lanczos3",
  "lanczos5",
  "area",
] as const;
/** How pixels between pixels are found. @inline */
export type ResizeMethod = (typeof resizeMethods)[number];

/** Height and width. */
export interface Size {
  height: number;
  width: number;
}

/** A part of an image, in pixels. */
export interface Window extends Size {
  top: number;
  left: number;
}

export interface ResizeMethodOptions {
  method: ResizeMethod;
  /** Whether to average over the pixels that a smaller image leaves out. */
  antialias: boolean;
}

const float = { type: DType.float32 };
const halfPixel = { align_corners: { bool: false }, half_pixel_centers: { bool: true } };

/**
 * Resizes images.
 *
 * @param images `[batch, height, width, channels]` float32.
 * @returns `[batch, size.height, size.width, channels]` float32; the caller disposes it.
 */
export function resizeImages(
  images: Tensor4D,
  size: Size,
  { method, antialias }: ResizeMethodOptions,
): Tensor {
  if (images.shape[1] === size.height && images.shape[2] === size.width) return images;
  const kernel =
    method.startsWith("lanczos") || (antialias && (method === "bilinear" || method === "bicubic"))
      ? scaleAndTranslate(size, { method, antialias })
      : plainResize(size, method);
  const withGradient = tf.customGrad((x, save) => {
    (save as GradSaveFunc)([x as Tensor]);
    return {
      value: tf.tidy(() => kernel.resize(x as Tensor4D)),
      gradFunc: (gradient: Tensor, [original]: Tensor[]) =>
        tf.tidy(() => kernel.gradient(gradient, original as Tensor4D)),
    };
  });
  return withGradient(images);
}

interface ResizeKernel {
  resize: (images: Tensor4D) => Tensor;
  gradient: (gradient: Tensor, original: Tensor4D) => Tensor;
}

const kernelNames = {
  bilinear: "ResizeBilinear",
  nearest: "ResizeNearestNeighbor",
  bicubic: "ResizeBicubic",
  area: "ResizeArea",
} as const;

function plainResize({ height, width }: Size, method: ResizeMethod): ResizeKernel {
  const name = kernelNames[method as keyof typeof kernelNames];
  const attrs: Record<string, KernelAttr> =
    method === "area" ? { T: float, align_corners: { bool: false } } : { T: float, ...halfPixel };
  return {
    resize: (images) => runKernel(name, [images, sizeTensor(height, width)], { attrs })[0]!,
    gradient: (gradient, original) => {
      if (method === "area")
        throw new ConvnetsError("TensorFlow has no gradient of area interpolation.");
      const [, rows, columns] = original.shape;
      const target = method === "nearest" ? sizeTensor(rows, columns) : original;
      return runKernel(`${name}Grad`, [gradient, target], { attrs })[0]!;
    },
  };
}

/** TensorFlow's names of the sampling kernels. */
const samplingKernels: Partial<Record<ResizeMethod, string>> = {
  bilinear: "triangle",
  bicubic: "keyscubic",
};

function scaleAndTranslate(size: Size, { method, antialias }: ResizeMethodOptions): ResizeKernel {
  const attrs = {
    T: float,
    kernel_type: { string: samplingKernels[method] ?? method },
    antialias: { bool: antialias },
  };
  const moves = (images: Tensor4D) => [
    tf.tensor1d([size.height / images.shape[1], size.width / images.shape[2]]),
    tf.zeros([2]),
  ];
  return {
    resize: (images) => {
      const inputs = [images, sizeTensor(size.height, size.width), ...moves(images)];
      return runKernel("ScaleAndTranslate", inputs, { attrs })[0]!;
    },
    gradient: (gradient, original) => {
      const inputs = [gradient, original, ...moves(original)];
      return runKernel("ScaleAndTranslateGrad", inputs, { attrs })[0]!;
    },
  };
}

function sizeTensor(height: number, width: number): Tensor {
  return tf.tensor1d([height, width], "int32");
}

/** The largest window in the middle of an image that has the target's aspect ratio. */
export function centredWindow(image: Size, target: Size): Window {
  const tall = Math.trunc((image.width * target.height) / target.width);
  const wide = Math.trunc((image.height * target.width) / target.height);
  const height = Math.max(Math.min(image.height, tall), 1);
  const width = Math.max(Math.min(image.width, wide), 1);
  return {
    height,
    width,
    top: Math.trunc((image.height - height) / 2),
    left: Math.trunc((image.width - width) / 2),
  };
}

/** Cuts a window out of each image, as much of it as lies within. */
export function cutOut(images: Tensor4D, { top, left, height, width }: Window): Tensor4D {
  const [, rows, columns] = images.shape;
  const size = [-1, Math.min(height, rows - top), Math.min(width, columns - left), -1];
  return tf.slice(images, [0, top, left, 0], size as [number, number, number, number]);
}

/** Puts each image in the middle of a larger one of the target's aspect ratio. */
export function padToAspect(
  images: Tensor4D,
  target: Size,
  { fillValue }: { fillValue: number },
): Tensor4D {
  const [, rows, columns] = images.shape;
  const tall = Math.max(rows, Math.trunc((columns * target.height) / target.width));
  const wide = Math.max(columns, Math.trunc((rows * target.width) / target.height));
  const above = Math.trunc((tall - rows) / 2);
  const beside = Math.trunc((wide - columns) / 2);
  const margins: [number, number][] = [
    [0, 0],
    [above, above],
    [beside, beside],
    [0, 0],
  ];
  return tf.pad(images, margins, fillValue);
}
