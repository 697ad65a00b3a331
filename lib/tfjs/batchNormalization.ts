/** BatchNormalization as Keras computes it, where tfjs 4.22 refuses to, or leaves a mask aside. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { insides } from "./insides";
import type { Layer } from "./layer";
import { prototypeOf } from "./prototypes";
import { renormed, renormOf } from "./renorm";
import { momentsOfAll, type SumOfAll, sumFor } from "./synchronized";
import * as tf from "./tfjs";

/** Keras' guard against a division by no time steps at all. */
const epsilon = 1e-7;

/**
 * Lets the layer take any axis, any rank, whole numbers and a mask. For the last axis of two to four without a mask,
 * tfjs' own way stays. Without centre or scale there is something to read in their place: tfjs' gradient needs it.
 */
export function normalizeAsKeras(): void {
  const layer = prototypeOf("BatchNormalization");
  const { build, call } = layer;
  layer.build = function (inputShape) {
    build.call(this, inputShape);
    const own = insides("BatchNormalization", this);
    const { movingMean, center, scale } = own;
    if (!center) own.beta = { read: () => tf.zeros(movingMean.shape as number[]) };
    if (!scale) own.gamma = { read: () => tf.ones(movingMean.shape as number[]) };
  };
  layer.call = function (inputs, kwargs) {
    const input = [inputs].flat()[0]!;
    const axis = axisOf(this, input.rank);
    const training = kwargs?.training === true;
    const mask = training ? (kwargs.mask as Tensor | null | undefined) : undefined;
    const isPlain = axis === input.rank - 1 && input.rank <= 4 && input.dtype === "float32";
    const sum = training ? sumFor(this) : undefined;
    const isRenormed = training && renormOf(this) !== undefined;
    if (isPlain && mask == null && sum === undefined && !isRenormed) {
      return call.call(this, inputs, kwargs);
    }
    return tf.tidy(() => normalize(this, tf.cast(input, "float32"), { axis, training, mask, sum }));
  };
}

function axisOf(layer: Layer, rank: number): number {
  const { axis } = insides("BatchNormalization", layer);
  return axis < 0 ? axis + rank : axis;
}

function normalize(
  layer: Layer,
  input: Tensor,
  how: {
    axis: number;
    training: boolean;
    mask: Tensor | null | undefined;
    sum: SumOfAll | undefined;
  },
): Tensor {
  const { axis, training, mask, sum } = how;
  const own = insides("BatchNormalization", layer);
  const { mean, variance } = training
    ? sum === undefined
      ? moments(input, axis, mask)
      : momentsOfAll(input, { axis, mask, sum })
    : { mean: own.movingMean.read(), variance: own.movingVariance.read() };
  const renorm = training ? renormOf(layer) : undefined;
  const correction = renorm && renormed(layer, renorm, { mean, variance });
  if (training && renorm === undefined) {
    for (const [moving, value] of [
      [own.movingMean, mean],
      [own.movingVariance, variance],
    ] as const) {
      const step = tf.mul(tf.sub(moving.read(), value), 1 - own.momentum);
      moving.write(tf.sub(moving.read(), step));
    }
  }
  const shape = input.shape.map((size, i) => (i === axis ? size : 1));
  const along = (values: Tensor) => tf.reshape(values, shape);
  const deviation = tf.rsqrt(tf.add(along(variance), own.epsilon));
  const gamma = own.gamma.read();
  if (correction === undefined) {
    const scale = tf.mul(deviation, along(gamma));
    return tf.add(tf.mul(tf.sub(input, along(mean)), scale), along(own.beta.read()));
  }
  const scale = tf.mul(deviation, along(tf.mul(correction.factor, gamma)));
  const shift = tf.add(tf.mul(correction.shift, gamma), own.beta.read());
  return tf.add(tf.mul(tf.sub(input, along(mean)), scale), along(shift));
}

/** Mean and variance of what the mask, of all axes but the last, leaves. */
function moments(input: Tensor, axis: number, mask: Tensor | null | undefined) {
  const axes = input.shape.map((_, i) => i).filter((i) => i !== axis);
  if (mask == null) return tf.moments(input, axes);
  const isKept = tf.expandDims(mask, -1);
  const zeros = tf.zerosLike(input);
  const counted = tf.where(isKept, tf.onesLike(input), zeros);
  const count = tf.add(tf.sum(counted, axes, true), epsilon);
  const mean = tf.div(tf.sum(tf.where(isKept, input, zeros), axes, true), count);
  const difference = tf.where(isKept, tf.sub(input, mean), zeros);
  const variance = tf.div(tf.sum(tf.square(difference), axes, true), count);
  return { mean: tf.squeeze(mean, axes), variance: tf.squeeze(variance, axes) };
}
