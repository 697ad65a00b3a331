/** The blocks of MobileNetV3. */
import type { layers, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { globalAveragePooling2d } from "../layers";
import { applyOperation } from "../saving";
import { tf } from "../tfjs";
import type { Apply } from "./architecture";
import { divisible, halvingPadding, normalization, unbiased } from "./mobileParts";
import { convolution, depthwise } from "./parts";

/** An inverted residual block. */
export interface Block {
  expansion: number;
  filters: number;
  /** Side of the window; 3 in a minimalistic network. */
  size: 3 | 5;
  strides: 1 | 2;
  /** Whether channels are weighed, but in a minimalistic network. */
  excites: boolean;
  /** Whether it has hard swish, but in a minimalistic network; else ReLU. */
  swishes: boolean;
}

type Row = [...numbers: [number, number, 3 | 5, 1 | 2], excites: boolean, swishes: boolean];

function rows(table: Row[]): Block[] {
  return table.map(([expansion, filters, size, strides, excites, swishes]) => {
    return { expansion, filters, size, strides, excites, swishes };
  });
}

/** Expansion, filters, side of the window, strides, whether it weighs channels, whether it has hard swish. */
export const small: Block[] = rows([
  [1, 16, 3, 2, true, false],
  [72 / 16, 24, 3, 2, false, false],
  [88 / 24, 24, 3, 1, false, false],
  [4, 40, 5, 2, true, true],
  [6, 40, 5, 1, true, true],
  [6, 40, 5, 1, true, true],
  [3, 48, 5, 1, true, true],
  [3, 48, 5, 1, true, true],
  [6, 96, 5, 2, true, true],
  [6, 96, 5, 1, true, true],
  [6, 96, 5, 1, true, true],
]);

export const large: Block[] = rows([
  [1, 16, 3, 1, false, false],
  [4, 24, 3, 2, false, false],
  [3, 24, 3, 1, false, false],
  [3, 40, 5, 2, true, false],
  [3, 40, 5, 1, true, false],
  [3, 40, 5, 1, true, false],
  [6, 80, 3, 2, false, true],
  [2.5, 80, 3, 1, false, true],
  [2.3, 80, 3, 1, false, true],
  [2.3, 80, 3, 1, false, true],
  [6, 112, 3, 1, true, true],
  [6, 112, 3, 1, true, true],
  [6, 160, 5, 2, true, true],
  [6, 160, 5, 1, true, true],
  [6, 160, 5, 1, true, true],
]);

/** ReLU. */
export const rectifier = (name?: string): layers.Layer => tf.layers.reLU({ name });

/** A convolution of each pixel by itself, with a bias. */
export function pointwise(options: { filters: number; name: string }): layers.Layer {
  return convolution({ ...options, kernelSize: 1, padding: "same" });
}

/** Widens by a 1×1 convolution, filters each channel, weighs the channels, narrows; adds the input where shapes agree. */
export function invertedResidual(
  input: SymbolicTensor,
  apply: Apply,
  block: Omit<Block, "swishes"> & { id: number; activation: () => layers.Layer },
): SymbolicTensor {
  const { id, expansion, filters, size, strides, excites, activation } = block;
  const channels = input.shape.at(-1)!;
  const prefix = id === 0 ? "expanded_conv_" : `expanded_conv_${id}_`;
  let x = input;
  if (id > 0) {
    x = apply(unbiased({ filters: divisible(channels * expansion), name: `${prefix}expand` }), x);
    x = apply(activation(), apply(normalization(`${prefix}expand_bn`), x));
  }
  if (strides === 2)
    x = apply(halvingPadding(x.shape, { size, name: `${prefix}depthwise_pad` }), x);
  const padding = strides === 1 ? "same" : "valid";
  const eachChannel = { kernelSize: size, strides, padding, useBias: false } as const;
  x = apply(depthwise({ ...eachChannel, name: `${prefix}depthwise` }), x);
  x = apply(activation(), apply(normalization(`${prefix}depthwise_bn`), x));
  if (excites) x = excited(x, apply, `${prefix}squeeze_excite_`);
  x = apply(unbiased({ filters, name: `${prefix}project` }), x);
  x = apply(normalization(`${prefix}project_bn`), x);
  if (strides !== 1 || channels !== filters) return x;
  return apply(tf.layers.add({ name: `${prefix}add` }), [input, x]);
}

/** Weighs the channels by what all of their pixels say together. */
function excited(input: SymbolicTensor, apply: Apply, prefix: string): SymbolicTensor {
  const filters = input.shape.at(-1)!;
  let x = apply(globalAveragePooling2d({ keepdims: true, name: `${prefix}avg_pool` }), input);
  x = apply(pointwise({ filters: divisible(filters * 0.25), name: `${prefix}conv` }), x);
  x = apply(rectifier(`${prefix}relu`), x);
  x = apply(pointwise({ filters, name: `${prefix}conv_1` }), x);
  x = apply(tf.layers.reLU({ maxValue: 6 }), applyOperation("Add", [x, 3]));
  x = applyOperation("Multiply", [x, 1 / 6]);
  return apply(tf.layers.multiply({ name: `${prefix}mul` }), [input, x]);
}
