/**
 * tfjs' random tensors, drawn again at will.
 *
 * A graph has no generator of JavaScript's: who runs one draws such a tensor anew each time, and hands it in. The
 * numbers are those that tfjs draws by itself, in the same order.
 */
import "../native";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import * as tf from "@tensorflow/tfjs-node-gpu";

/** A random tensor that was asked for. */
export interface Draw {
  /** The function and what it was given, to tell two draws apart. */
  text: string;
  /** Draws; the caller disposes the tensor. */
  make(): Tensor;
}

let listener: ((draw: Draw) => Tensor) | undefined;

/**
 * Asks `draw` for each random tensor, until the function that this returns is called.
 *
 * @param draw Gives the tensor, most often by `make`.
 */
export function listenToDraws(draw: (draw: Draw) => Tensor): () => void {
  listener = draw;
  return () => {
    listener = undefined;
  };
}

function heard<Own extends (...args: never[]) => Tensor>(name: string, own: Own): Own {
  const draw = (...args: Parameters<Own>): Tensor => {
    if (listener === undefined) return own(...args);
    return listener({ text: `${name} ${JSON.stringify(args)}`, make: () => own(...args) });
  };
  return draw as Own;
}

/** `tf.randomGamma`. */
export const randomGamma = heard("randomGamma", tf.randomGamma);

/** `tf.randomNormal`. */
export const randomNormal = heard("randomNormal", tf.randomNormal);

/** `tf.randomStandardNormal`. */
export const randomStandardNormal = heard("randomStandardNormal", tf.randomStandardNormal);

/** `tf.randomUniform`. */
export const randomUniform = heard("randomUniform", tf.randomUniform);

/** `tf.randomUniformInt`. */
export const randomUniformInt = heard("randomUniformInt", tf.randomUniformInt);

/** `tf.truncatedNormal`. */
export const truncatedNormal = heard("truncatedNormal", tf.truncatedNormal);

/** `tf.dropout`; in its own way only where somebody asks for the draw. */
export const dropout: typeof tf.dropout = (x, rate, noiseShape, seed) => {
  if (listener === undefined || rate <= 0 || rate >= 1)
    return tf.dropout(x, rate, noiseShape, seed);
  return tf.tidy(() => {
    const input = x instanceof tf.Tensor ? x : tf.tensor(x);
    const isWhole = noiseShape === undefined || noiseShape.length === input.rank;
    const shape = isWhole ? input.shape.map((size, i) => noiseShape?.[i] ?? size) : noiseShape;
    const kept = 1 - rate;
    const drawn = randomUniform(shape, 0, 1, "float32", seed);
    return tf.mul(input, tf.div(tf.floor(tf.add(drawn, kept)), kept));
  });
};
