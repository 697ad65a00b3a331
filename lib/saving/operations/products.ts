/** Operations that multiply matrices, and those on pictures. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import {
  attendByKernel,
  causal,
  einsum,
  einsumShape,
  extractPatches,
  type PatchOptions,
  resizeImages,
  spaceToDepth,
} from "../../layers";
import { type Shape, tf } from "../../tfjs";
import { ignored, only } from "../options";
import { count, flag, nullable, oneOf, perAxis } from "../values";
import { OperandsError } from "./operandsError";
import { channelsLast, subscripts } from "./options";
import type { OperationTable, Settings } from "./rule";
import { multiplied } from "./shapes";
import { multipliedMatrices } from "./typeRules";

/** Products of matrices, by Keras' class names. */
export const products: OperationTable = {
  DotProductAttention: {
    options: {
      is_causal: flag,
      flash_attention: ignored(null),
      attn_logits_soft_cap: only(null),
    },
    operands: 3,
    shape: ([query, key, value]) => {
      const isOfHeads = [query!, key!, value!].every((shape) => shape.length === 4);
      if (isOfHeads && query![2] === key![2]) return [...query!.slice(0, -1), value![3]!];
      throw new OperandsError(
        "attends to other than as many heads [batch, steps, heads, features]",
      );
    },
    compute: ([query, key, value], { isCausal }) => {
      const mask = isCausal ? causal(query!.shape[1]!, key!.shape[1]!) : undefined;
      const scale = 1 / Math.sqrt(query!.shape[3]!);
      return attendByKernel({ query: query!, key: key!, value: value!, mask, scale });
    },
  },
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
    compute: ([x], { blockSize }) => tf.depthToSpace(x as Tensor4D, blockSize),
  },
  ExtractPatches: {
    options: {
      size: perAxis(2),
      strides: nullable(perAxis(2)),
      dilation_rate: perAxis(2),
      padding: oneOf("valid", "same"),
      data_format: channelsLast,
    },
    operands: 1,
    shape: ([shape], settings) => {
      if (shape!.length !== 4) throw new OperandsError(`takes apart [${shape}], which is no batch`);
      const { size, strides, rates, padding } = patchOptions(settings);
      const [batch, height, width, channels] = shape as [
        null,
        number | null,
        number | null,
        number,
      ];
      const count = (side: number | null, axis: 0 | 1) => {
        if (side === null) return null;
        const reach = padding === "same" ? 1 : (size[axis] - 1) * rates[axis] + 1;
        return Math.ceil((side - reach + 1) / strides[axis]);
      };
      return [batch, count(height, 0), count(width, 1), size[0] * size[1] * channels];
    },
    compute: ([x], settings) =>
      extractPatches(tf.cast(x as Tensor, "float32") as Tensor4D, patchOptions(settings)),
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

function patchOptions({ size, strides, dilationRate, padding }: Settings): PatchOptions {
  const pair = (value: number | number[]) => sides(value) as [number, number];
  return { size: pair(size), strides: pair(strides ?? size), rates: pair(dilationRate), padding };
}

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
