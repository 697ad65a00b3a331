/** Operations that multiply matrices, and those on pictures. */
import type { Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { depthToSpace, einsum, einsumShape, resizeImages, spaceToDepth } from "../../layers";
import { type Shape, tf } from "../../tfjs";
import { ignored, only } from "../options";
import { count, flag, oneOf, perAxis } from "../values";
import { OperandsError } from "./operandsError";
import { channelsLast, subscripts } from "./options";
import type { OperationTable } from "./rule";
import { multiplied } from "./shapes";
import { multipliedMatrices } from "./typeRules";

/** Products of matrices, by Keras' class names. */
export const products: OperationTable = {
  Einsum: {
    options: { subscripts: subscripts },
    operands: "many",
    shape: (shapes, { subscripts }) => einsumShape(subscripts, shapes),
    types: multipliedMatrices,
    compute: (operands, { subscripts }) => einsum(subscripts, operands),
  },
  Matmul: {
    operands: 2,
    shape: multiplied,
    types: multipliedMatrices,
    compute: ([a, b]) => tf.matMul(a!, b!),
  },
};

/** Operations on pictures with the channels last, by Keras' class names. */
export const pictures: OperationTable = {
  DepthToSpace: {
    options: { block_size: count, data_format: channelsLast },
    operands: 1,
    shape: ([shape], { blockSize }) => spread(shape!, blockSize),
    compute: ([x], { blockSize }) => depthToSpace(x as Tensor4D, blockSize),
  },
  Resize: {
    options: {
      size: perAxis(2),
      interpolation: oneOf("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"),
      antialias: flag,
      crop_to_aspect_ratio: only(false),
      pad_to_aspect_ratio: only(false),
      fill_mode: ignored("constant"),
      fill_value: ignored(0),
      data_format: channelsLast,
    },
    operands: 1,
    shape: ([shape], { size }) => [...shape!.slice(0, -3), ...sides(size), shape!.at(-1)!],
    compute: ([x], { size, interpolation: method, antialias }) => {
      const [height, width] = sides(size) as [number, number];
      return resizeImages(x as Tensor4D, { height, width }, { method, antialias });
    },
  },
  SpaceToDepth: {
    options: { block_size: count, data_format: channelsLast },
    operands: 1,
    shape: ([shape], { blockSize }) => gathered(shape!, blockSize),
    compute: ([x], { blockSize }) => spaceToDepth(x as Tensor4D, blockSize),
  },
};

const sides = (size: number | number[]) => (typeof size === "number" ? [size, size] : size);

function spread([batch, height, width, channels]: Shape, block: number): Shape {
  if (channels! % block ** 2 !== 0) throw new OperandsError(`spreads ${channels} channels`);
  const side = (size: number | null | undefined) => (size == null ? null : size * block);
  return [batch!, side(height), side(width), channels! / block ** 2];
}

function gathered([batch, height, width, channels]: Shape, block: number): Shape {
  const side = (size: number | null | undefined) => {
    if (size == null) return null;
    if (size % block !== 0) throw new OperandsError(`gathers ${size} rows or columns by ${block}`);
    return size / block;
  };
  return [batch!, side(height), side(width), channels! * block ** 2];
}
