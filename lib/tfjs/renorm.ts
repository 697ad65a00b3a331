/** BatchNormalization with Keras' `renorm`: while training, batches are brought to where earlier ones were. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, rejectUnknownOptions } from "../checks";
import { insides } from "./insides";
import type { Layer } from "./layer";
import { onBatchNormalization } from "./madeNormalizations";
import { prototypeOf } from "./prototypes";
import type { Config } from "./serialized";
import * as tf from "./tfjs";

/** How far a batch may be corrected; without a bound any correction is made. */
export interface RenormClipping {
  /** Greatest factor. */
  rmax?: number;
  /** Least factor. */
  rmin?: number;
  /** Greatest shift, either way. */
  dmax?: number;
}

declare module "@tensorflow/tfjs-layers/dist/layers/normalization" {
  interface BatchNormalizationLayerArgs {
    /** Whether a batch is corrected towards the statistics of earlier ones (Batch Renormalization). @default false */
    renorm?: boolean;
    /** Bounds of that correction. @default none */
    renormClipping?: RenormClipping | null;
    /** How slowly those statistics follow. @default 0.99 */
    renormMomentum?: number;
  }
}

/** A layer's statistics of earlier batches. */
interface Renorm {
  clipping: RenormClipping;
  momentum: number;
  /** What inference normalizes by, as the deviation. */
  movingDeviation?: LayerVariable;
  mean?: LayerVariable;
  deviation?: LayerVariable;
}

const renorms = new WeakMap<Layer, Renorm>();

/** What a layer with `renorm` keeps; undefined for others. */
export const renormOf = (layer: Layer): Renorm | undefined => renorms.get(layer);

/**
 * Makes a layer one with `renorm`, where its configuration says so.
 *
 * @throws InvalidArgumentError for settings outside what is allowed.
 */
export function renormalize<Made extends Layer>(layer: Made, config: Config): Made {
  const { renorm, renormClipping, renormMomentum: momentum = 0.99 } = config;
  if (renorm !== undefined) checkBoolean("renorm", renorm);
  checkNumber("renormMomentum", momentum, { low: 0, high: 1 });
  checkClipping(renormClipping ?? {});
  if (renorm !== true) return layer;
  const clipping = (renormClipping ?? {}) as RenormClipping;
  renorms.set(layer, { clipping, momentum: momentum as number });
  return layer;
}

function checkClipping(clipping: unknown): void {
  rejectUnknownOptions(
    clipping as RenormClipping,
    { rmax: true, rmin: true, dmax: true },
    "renormClipping",
  );
  const { rmax, rmin, dmax } = clipping as RenormClipping;
  if (rmin != null) checkNumber("renormClipping.rmin", rmin);
  if (rmax != null) checkNumber("renormClipping.rmax", rmax, { low: rmin ?? undefined });
  if (dmax != null) checkNumber("renormClipping.dmax", dmax, { low: 0 });
}

/** Lets tfjs' layer take and keep the options, and have Keras' weights for them. */
export function renormalizeAsKeras(): void {
  const prototype = prototypeOf("BatchNormalization");
  const { getConfig, build } = prototype;
  prototype.getConfig = function () {
    const renorm = renorms.get(this);
    const config = getConfig.call(this);
    if (renorm === undefined) return config;
    const renormClipping = { ...renorm.clipping };
    return { ...config, renorm: true, renormClipping, renormMomentum: renorm.momentum };
  };
  prototype.build = function (inputShape) {
    build.call(this, inputShape);
    const renorm = renorms.get(this);
    if (renorm !== undefined) addStatistics(this, renorm);
  };
  onBatchNormalization(renormalize);
}

function addStatistics(layer: Layer, renorm: Renorm): void {
  const { movingMean, movingMeanInitializer, movingVarianceInitializer } = insides(
    "BatchNormalization",
    layer,
  );
  const shape = movingMean.shape as number[];
  const ofDeviation = {
    apply: (sizes: number[]) => tf.tidy(() => tf.sqrt(movingVarianceInitializer.apply(sizes))),
  };
  const add = (name: string, initializer: unknown) =>
    insides("Layer", layer).addWeight(
      name,
      shape,
      "float32",
      initializer,
      null,
      false,
    ) as LayerVariable;
  renorm.movingDeviation = add("moving_stddev", ofDeviation);
  renorm.mean = add("renorm_mean", movingMeanInitializer);
  renorm.deviation = add("renorm_stddev", ofDeviation);
}

/**
 * What a batch is corrected by, through which no gradient goes, and the statistics after it.
 *
 * @returns `normalized * factor + shift` is what training sees.
 */
export function renormed(
  layer: Layer,
  renorm: Renorm,
  { mean, variance }: { mean: Tensor; variance: Tensor },
): { factor: Tensor; shift: Tensor } {
  const { movingMean, movingVariance, momentum, epsilon } = insides("BatchNormalization", layer);
  const { clipping, movingDeviation, mean: keptMean, deviation: kept } = renorm;
  const deviation = tf.sqrt(tf.add(variance, epsilon));
  const before = tf.maximum(kept!.read(), Math.sqrt(epsilon));
  const { rmin, rmax, dmax } = clipping;
  let factor = tf.div(deviation, before);
  if (rmin != null) factor = tf.maximum(factor, rmin);
  if (rmax != null) factor = tf.minimum(factor, rmax);
  let shift = tf.div(tf.sub(mean, keptMean!.read()), before);
  if (dmax != null) shift = tf.clipByValue(shift, -dmax, dmax);
  follow(keptMean!, mean, renorm.momentum);
  follow(kept!, deviation, renorm.momentum);
  follow(movingMean, mean, momentum);
  const moved = follow(movingDeviation!, deviation, momentum);
  movingVariance.write(tf.relu(tf.sub(tf.square(moved), epsilon)));
  return { factor: constant(factor), shift: constant(shift) };
}

function follow(moving: LayerVariable, value: Tensor, momentum: number): Tensor {
  const next = tf.add(tf.mul(moving.read(), momentum), tf.mul(value, 1 - momentum));
  moving.write(next);
  return next;
}

/** A tensor through which no gradient goes. */
const constant = tf.customGrad((x) => ({
  value: (x as Tensor).clone(),
  gradFunc: (dy: Tensor) => tf.zerosLike(dy),
})) as (x: Tensor) => Tensor;
