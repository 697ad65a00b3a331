/** What residual networks are built of: the first layers, and stacks of blocks of both versions. */
import type { layers, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { Apply } from "./architecture";
import { convolution, relu } from "./parts";

/** A stack of blocks. */
interface Stack {
  version: 1 | 2;
  /** Filters of the blocks' middle; their outputs have four times as many. */
  filters: number;
  blocks: number;
  /** Of the one block that makes images smaller. */
  stride: 1 | 2;
  /** Keras' name of the stack: `"conv2"`. */
  name: string;
}

/** Normalization with the epsilon of Keras' residual and dense networks. */
export function normalization(name: string): layers.Layer {
  return tf.layers.batchNormalization({ axis: 3, epsilon: 1.001e-5, name });
}

/** Zeros around images. */
export function zeros(width: number, name?: string): layers.Layer {
  const sides: [number, number] = [width, width];
  return tf.layers.zeroPadding2d({ padding: [sides, sides], name });
}

/** A 1×1 convolution to four times the filters, and from the input to the same width where a block begins a stack. */
function wide(filters: number, options: { stride?: number; name: string }): layers.Layer {
  const { stride = 1, name } = options;
  return convolution({ filters: 4 * filters, kernelSize: 1, strides: stride, name });
}

/**
 * Blocks one after the other, the first of which widens. In the first version it strides, too, and blocks normalize what
 * they add; in the second the last one strides, and blocks normalize what they take.
 */
export function stacked(
  input: SymbolicTensor,
  apply: Apply,
  { version, filters, blocks, stride, name }: Stack,
): SymbolicTensor {
  const [block, striding] = version === 1 ? [blockV1, 1] : [blockV2, blocks];
  let x = input;
  for (let i = 1; i <= blocks; i++) {
    const own = { isFirst: i === 1, stride: i === striding ? stride : 1 };
    x = block(x, apply, { filters, ...own, name: `${name}_block${i}` });
  }
  return x;
}

interface Block {
  filters: number;
  stride: number;
  isFirst: boolean;
  name: string;
}

function blockV1(
  input: SymbolicTensor,
  apply: Apply,
  { filters, stride, isFirst, name }: Block,
): SymbolicTensor {
  let shortcut = input;
  if (isFirst) {
    shortcut = apply(wide(filters, { stride, name: `${name}_0_conv` }), input);
    shortcut = apply(normalization(`${name}_0_bn`), shortcut);
  }
  const narrow = { filters, kernelSize: 1, strides: stride, name: `${name}_1_conv` };
  let x = apply(convolution(narrow), input);
  x = apply(normalization(`${name}_1_bn`), x);
  x = apply(relu(`${name}_1_relu`), x);
  const middle = { filters, kernelSize: 3, padding: "same", name: `${name}_2_conv` } as const;
  x = apply(convolution(middle), x);
  x = apply(normalization(`${name}_2_bn`), x);
  x = apply(relu(`${name}_2_relu`), x);
  x = apply(wide(filters, { name: `${name}_3_conv` }), x);
  x = apply(normalization(`${name}_3_bn`), x);
  x = apply(tf.layers.add({ name: `${name}_add` }), [shortcut, x]);
  return apply(relu(`${name}_out`), x);
}

function blockV2(
  input: SymbolicTensor,
  apply: Apply,
  { filters, stride, isFirst, name }: Block,
): SymbolicTensor {
  let before = apply(normalization(`${name}_preact_bn`), input);
  before = apply(relu(`${name}_preact_relu`), before);
  let shortcut = input;
  if (isFirst) shortcut = apply(wide(filters, { name: `${name}_0_conv` }), before);
  else if (stride > 1) {
    shortcut = apply(tf.layers.maxPooling2d({ poolSize: 1, strides: stride }), input);
  }
  const bare = { filters, useBias: false };
  let x = apply(convolution({ ...bare, kernelSize: 1, name: `${name}_1_conv` }), before);
  x = apply(normalization(`${name}_1_bn`), x);
  x = apply(relu(`${name}_1_relu`), x);
  x = apply(zeros(1, `${name}_2_pad`), x);
  const middle = { ...bare, kernelSize: 3, strides: stride, name: `${name}_2_conv` };
  x = apply(convolution(middle), x);
  x = apply(normalization(`${name}_2_bn`), x);
  x = apply(relu(`${name}_2_relu`), x);
  x = apply(wide(filters, { name: `${name}_3_conv` }), x);
  return apply(tf.layers.add({ name: `${name}_out` }), [shortcut, x]);
}
