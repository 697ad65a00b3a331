/** The base of every layer that draws random numbers. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { defaultKeys, KeySource } from "../engine";

import { innerLayersOf, type Layer, layersOf, tf } from "../tfjs";
import type { CommonLayerOptions, Config } from "./options";
import { Pipeline } from "./pipeline";

/** What layers that draw random numbers take. */
export interface RandomLayerOptions extends CommonLayerOptions {
  /**
   * Any integer: equal seeds draw equal numbers, in every process.
   *
   * @default one of its own, from `setSeed`'s when the layer is made
   */
  seed?: number | null;
}

/** Call arguments as tfjs passes them. */
export interface CallArguments {
  /** Whether the layer is to do what it does while training. @default false */
  training?: boolean;
}

/**
 * A layer that does something random while training and nothing at inference.
 *
 * Outside a model, `layer.apply(x, { training: true })` shows what training sees.
 */
export abstract class RandomLayer extends tf.layers.Layer {
  /** Hands out the key for each draw; its state is what must be kept to continue a run. */
  keys: KeySource;
  protected readonly seed: number | null;

  constructor(options: RandomLayerOptions) {
    super(options as ConstructorParameters<typeof tf.layers.Layer>[0]);
    this.supportsMasking = true;
    this.seed = options.seed ?? null;
    this.keys = keysOf(this.seed);
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[], kwargs?: CallArguments): Tensor {
    return tf.tidy(() => {
      const input = this.prepare(Array.isArray(inputs) ? inputs[0]! : inputs);
      return kwargs?.training === true ? this.perturb(input) : this.pass(input);
    });
  }

  /** The output's shape for an input's, `null` for what may vary. */
  override computeOutputShape(inputShape: (number | null)[] | (number | null)[][]) {
    return (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (number | null)[];
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), seed: this.seed };
  }

  /** What is done to the input in any case. */
  protected prepare(input: Tensor): Tensor {
    return input;
  }

  /** What is done at inference. */
  protected pass(input: Tensor): Tensor {
    return input;
  }

  /** What is done while training. */
  protected abstract perturb(input: Tensor): Tensor;
}

/**
 * The random state of a model: the key sources of its random layers, nested ones included, in their order.
 *
 * To continue a run, keep each one's `getState()` and give it back with `setState()`.
 *
 * @param model A model or a layer.
 * @returns The sources themselves, not copies.
 */
export function keySourcesOf(model: Layer): KeySource[] {
  const found = new Set<KeySource>();
  const visit = (layer: Layer) => {
    // Attention has keys, too, where it drops some.
    if ("keys" in layer && layer.keys instanceof KeySource) found.add(layer.keys);
    const inside = layer instanceof Pipeline ? layer.layers : layersOf(layer);
    for (const inner of [...inside, ...innerLayersOf(layer)]) visit(inner);
  };
  visit(model);
  return [...found];
}

/**
 * The keys of a layer.
 *
 * @param seed Any integer; null for keys of its own, from `setSeed`'s.
 * @throws InvalidArgumentError for anything else.
 */
export function keysOf(seed: number | null): KeySource {
  if (seed === null) return deriveKeys();
  checkWhole("seed", seed, { low: Number.MIN_SAFE_INTEGER, high: Number.MAX_SAFE_INTEGER });
  return new KeySource(seed);
}

/** A source of keys that follows from the library's own, so that `setSeed` makes it repeatable. */
function deriveKeys(): KeySource {
  const [seed, counter] = defaultKeys().next();
  let mixed = Math.imul(seed ^ Math.imul(counter + 1, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return new KeySource(mixed ^ (mixed >>> 16));
}
