/** Keras 3's element-wise formulas that tfjs lacks, for activations and operations. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";

/** relu6(x + 3) / 6; tfjs has Keras 2's clip(0.2 x + 0.5). */
export const hardSigmoid = (x: Tensor): Tensor => tf.div(tf.relu6(tf.add(x, 3)), 6);
export const hardSilu = (x: Tensor): Tensor => tf.mul(x, hardSigmoid(x));
export const hardTanh = (x: Tensor): Tensor => tf.clipByValue(x, -1, 1);
export const logSigmoid = (x: Tensor): Tensor => tf.neg(tf.softplus(tf.neg(x)));
export const tanhShrink = (x: Tensor): Tensor => tf.sub(x, tf.tanh(x));
export const silu = (x: Tensor): Tensor => tf.mul(x, tf.sigmoid(x));
export const mish = (x: Tensor): Tensor => tf.mul(x, tf.tanh(tf.softplus(x)));
export const softsign = (x: Tensor): Tensor => tf.div(x, tf.add(tf.abs(x), 1));

export const elu = (x: Tensor, alpha: number): Tensor =>
  alpha === 1 ? tf.elu(x) : tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), alpha));

export const celu = (x: Tensor, alpha: number): Tensor =>
  tf.add(tf.relu(x), tf.mul(tf.expm1(tf.div(tf.minimum(x, 0), alpha)), alpha));

export const squareplus = (x: Tensor, b: number): Tensor =>
  tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), b))), 2);

/** 0 up to -1, x from 1 on, a parabola between. */
export function sparsePlus(x: Tensor): Tensor {
  const between = tf.div(tf.square(tf.add(tf.clipByValue(x, -1, 1), 1)), 4);
  return tf.add(between, tf.relu(tf.sub(x, 1)));
}

export const sparseSigmoid = (x: Tensor): Tensor => tf.clipByValue(tf.div(tf.add(x, 1), 2), 0, 1);

/** x where its size is above the threshold, else 0. */
export const hardShrink = (x: Tensor, threshold: number): Tensor =>
  tf.mul(x, tf.cast(tf.greater(tf.abs(x), threshold), "float32"));

/** x brought nearer to 0 by the threshold. */
export const softShrink = (x: Tensor, threshold: number): Tensor =>
  tf.sub(tf.relu(tf.sub(x, threshold)), tf.relu(tf.neg(tf.add(x, threshold))));

/** x above the threshold, else another value. */
export function threshold(x: Tensor, level: number, otherwise: number): Tensor {
  return tf.where(tf.greater(x, level), x, tf.fill(x.shape, otherwise));
}

/** Half of the values, gated by the other half. */
export function glu(x: Tensor, axis: number): Tensor {
  const [values, gates] = tf.split(x, 2, axis < 0 ? axis + x.rank : axis);
  return tf.mul(values!, tf.sigmoid(gates!));
}

/**
 * Outputs along the last axis of which the small ones are 0, as Keras 3.15.1 computes them: they are the nearest shares
 * where one alone is left, and else too small, since Keras adds up sums of sums.
 */
export function sparsemax(x: Tensor): Tensor {
  // tfjs has no gradient of what sorts.
  return tf.customGrad((logits, save) => {
    const { above, pull } = aboveThreshold(logits as Tensor);
    const isIn = tf.cast(tf.greaterEqual(above, 0), "float32");
    (save as (tensors: Tensor[]) => void)([isIn, pull]);
    const gradFunc = (dy: Tensor, [counted, pulled]: Tensor[]) => {
      const own = tf.mul(dy, counted!);
      return tf.sub(own, tf.mul(tf.sum(own, -1, true), pulled!));
    };
    return { value: tf.relu(above), gradFunc };
  })(x);
}

/** How far values are above their threshold, and how much each moves it. */
function aboveThreshold(x: Tensor): { above: Tensor; pull: Tensor } {
  const size = x.shape.at(-1)!;
  const { values, indices } = tf.topk(x, size);
  const sums = tf.cumsum(values, -1);
  const places = tf.range(1, size + 1, 1, "float32");
  const support = tf.cast(
    tf.greater(tf.sub(values, tf.div(tf.sub(sums, 1), places)), 0),
    "float32",
  );
  const count = tf.sum(support, -1, true);
  const threshold = tf.div(tf.sub(tf.sum(tf.mul(sums, support), -1, true), 1), count);
  const shares = tf.div(tf.mul(tf.sub(tf.add(count, 1), places), support), count);
  const where = tf.cast(tf.oneHot(indices, size), "float32");
  return {
    above: tf.sub(x, threshold),
    pull: tf.sum(tf.mul(where, tf.expandDims(shares, -1)), -2),
  };
}

/** The exact one, or Keras' approximation. */
export function gelu(x: Tensor, approximate: boolean): Tensor {
  const inner = approximate
    ? tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(tf.pow(x, 3), 0.044715))))
    : tf.erf(tf.mul(x, Math.SQRT1_2));
  return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
}

/** With a slope below a threshold, and a largest value. */
export function relu(
  x: Tensor,
  options: { negativeSlope: number; maxValue: number | null; threshold: number },
): Tensor {
  const { negativeSlope, maxValue, threshold: level } = options;
  const isPlain = level === 0 && negativeSlope === 0;
  if (isPlain && maxValue === 6) return tf.relu6(x);
  const isAbove = level === 0 ? undefined : tf.cast(tf.greater(x, level), "float32");
  const above = isAbove === undefined ? tf.relu(x) : tf.mul(x, isAbove);
  const limited = maxValue === null ? above : tf.minimum(above, maxValue);
  if (negativeSlope === 0) return limited;
  const below = tf.relu(tf.sub(level, x));
  return tf.sub(limited, tf.mul(below, negativeSlope));
}

/** Applies along an axis what tfjs computes along the last one only. */
export function alongAxis(x: Tensor, axis: number, compute: (x: Tensor) => Tensor): Tensor {
  const front = axis < 0 ? axis + x.rank : axis;
  if (front === x.rank - 1) return compute(x);
  const order = x.shape.map((_, i) => i);
  order.push(...order.splice(front, 1));
  const back = order.map((_, i) => order.indexOf(i));
  return tf.transpose(compute(tf.transpose(x, order)), back);
}
