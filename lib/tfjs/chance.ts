/**
 * Where tfjs has its random numbers from.
 *
 * It draws in JavaScript, from generators that it seeds by `Math.random` where no seed is given. For as long as such a
 * function runs, `Math.random` gives a seed of the caller's: so initial weights, dropout and the like are reached too,
 * which call these functions inside tfjs.
 */
import type { data, Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType } from "./binding";
import { runKernel } from "./kernels";
import * as tf from "./tfjs";

/** tfjs' functions that draw, by the names of their scopes. */
const drawing = new Set(
  [
    "multinomial",
    "randomGamma",
    "randomNormal",
    "randomStandardNormal",
    "randomUniform",
    "randomUniformInt",
    "truncatedNormal",
  ].map((name) => `${name}__op`),
);

let isTold = false;

/** From now on tfjs draws from this. @param uniform The next number in [0, 1). */
export function drawFrom(uniform: () => number): void {
  if (isTold) return;
  isTold = true;
  const seed = () => Math.floor(uniform() * 0x7fffffff);
  drawInScopes(seed);
  drawMultinomial();
  shuffleDatasets(seed);
  for (const name of ["createShuffledIndices", "shuffle", "shuffleCombo"] as const) {
    const own = tf.util[name] as (...args: unknown[]) => unknown;
    Object.assign(tf.util, {
      [name](...args: unknown[]) {
        const putBack = standInForChance(uniform);
        try {
          return own(...args);
        } finally {
          putBack();
        }
      },
    });
  }
}

/** Puts something in the place of `Math.random`, which hears of it still: a step that is traced mustn't ask. */
function standInForChance(standIn: () => number): () => void {
  const { random } = Math;
  Math.random = () => {
    random();
    return standIn();
  };
  return () => {
    Math.random = random;
  };
}

/** Each function of tfjs runs in a scope of its name, which ends also when it throws. */
function drawInScopes(seed: () => number): void {
  const engine = tf.engine();
  const { startScope, endScope } = engine;
  let depth = 0;
  let putBack = () => {};
  engine.startScope = (name) => {
    if (depth > 0) depth++;
    else if (name !== undefined && drawing.has(name)) {
      depth = 1;
      putBack = standInForChance(seed);
    }
    startScope.call(engine, name);
  };
  engine.endScope = (result) => {
    if (depth > 0 && --depth === 0) putBack();
    endScope.call(engine, result);
  };
}

interface MultinomialCall {
  inputs: { logits: Tensor };
  attrs: { numSamples: number; seed: number; normalized: boolean };
}

/** TensorFlow's own op of the name goes on where it stopped, whatever the seed; this one draws the same from the same. */
function drawMultinomial(): void {
  const own = tf.getKernel("Multinomial", "tensorflow");
  tf.unregisterKernel("Multinomial", "tensorflow");
  tf.registerKernel({
    ...own,
    kernelFunc: (call) => {
      const { inputs, attrs } = call as unknown as MultinomialCall;
      const { logits } = inputs;
      if (attrs.normalized) return own.kernelFunc(call); // which refuses it
      const { buffer } = Float64Array.of(attrs.seed);
      const key = tf.tensor1d(new Int32Array(buffer), "int32");
      const count = tf.scalar(attrs.numSamples, "int32");
      const T = DType[logits.dtype as "float32" | "int32"];
      const types = { T, Tseed: DType.int32, output_dtype: DType.int32 };
      const [drawn] = runKernel("StatelessMultinomial", [logits, count, key], {
        attrs: Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }])),
      });
      tf.dispose([key, count]);
      return drawn!;
    },
  });
}

/** tfjs seeds the order by the clock. */
function shuffleDatasets(seed: () => number): void {
  const { prototype } = tf.data.Dataset as unknown as { prototype: data.Dataset<Tensor> };
  const { shuffle } = prototype;
  prototype.shuffle = function (bufferSize, given, ...others) {
    return shuffle.call(this, bufferSize, given ?? String(seed()), ...others);
  };
}
