/** Attention without projections: by products of query and key, or by their sum. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkOneOf } from "../checks";
import type { KeySource } from "../engine";
import { invalidArgument } from "../errors";
import {
  type ArrangedCall,
  type CallArguments,
  type Shape,
  type TakesArguments,
  tf,
  withFans,
} from "../tfjs";
import {
  arrangeAttention,
  callArguments,
  givenMasks,
  isSymbolic,
  masksOfInputs,
  partsOfCall,
} from "./attentionCall";
import type { Dropout } from "./dropout";
import { dropoutOf } from "./headedAttention";
import type { CommonLayerOptions, Config } from "./options";
import { causal } from "./visibility";

/** Options of `layers.additiveAttention`. */
export interface AdditiveAttentionOptions extends CommonLayerOptions {
  /** Whether there is a learnt scale. @default true, of `layers.attention` false */
  useScale?: boolean;
  /** Share of the attention that is dropped while training. @default 0 */
  dropout?: number;
  /** Any integer: equal seeds drop equal shares. @default one of its own, from `setSeed`'s */
  seed?: number | null;
}

/** Options of `layers.attention`. */
export interface AttentionOptions extends AdditiveAttentionOptions {
  /** How well a key fits a query: by their product, or by the sum of the tanh of their sum. @default "dot" */
  scoreMode?: "dot" | "concat";
}

const scoreModes = ["dot", "concat"] as const;

/** The sum of query and key for each pair, through tanh. */
function paired(query: Tensor, key: Tensor, scale?: Tensor): Tensor {
  const sums = tf.add(tf.expandDims(query, -2), tf.expandDims(key, -3));
  return tf.tanh(scale === undefined ? sums : tf.mul(sums, scale));
}

/** Attends to the values whose keys fit a query. */
export class Attention extends tf.layers.Layer implements TakesArguments {
  /** Keras' name of the class. */
  static className = "Attention";
  readonly callArguments = callArguments;
  protected readonly usesScale: boolean;
  protected scale: LayerVariable | undefined;
  private readonly options: AttentionOptions;
  private readonly dropout: Dropout | undefined;
  private weightOfSums: LayerVariable | undefined;
  /** The call that is made, for the shape of what it gives. */
  private arranged: CallArguments = {};

  constructor(options: AttentionOptions = {}) {
    super(options as ConstructorParameters<typeof tf.layers.Layer>[0]);
    checkBoolean("useScale", options.useScale);
    checkNumber("dropout", options.dropout, { low: 0, high: 1 });
    checkOneOf("scoreMode", options.scoreMode, scoreModes);
    this.options = options;
    this.usesScale = options.useScale ?? false;
    this.dropout = dropoutOf(this.name, options);
  }

  /** Hands out the keys for what is dropped; none where nothing is. */
  get keys(): KeySource | undefined {
    return this.dropout?.keys;
  }

  arrangeCall(call: ArrangedCall): ArrangedCall {
    const title = this.getClassName();
    const arranged = arrangeAttention(call, { title, masks: [] });
    if (!this.built || isSymbolic(arranged)) this.arranged = arranged.kwargs;
    return arranged;
  }

  override build(inputShape: Shape | Shape[]): void {
    const ones = tf.initializers.ones();
    if (this.usesScale) this.scale = this.addWeight("scale", [], "float32", ones);
    if (this.options.scoreMode === "concat") {
      this.weightOfSums = this.addWeight("concat_score_weight", [], "float32", ones);
    }
    super.build(inputShape);
  }

  /** The output's shape for those of the inputs, and with the scores theirs. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const { query, value, key } = partsOfCall(inputShape as Shape[], this.arranged);
    const isPair = [query, value, key].every((shape) => Array.isArray(shape) && shape.length > 2);
    const fits = (one: number | null | undefined, other: number | null | undefined) =>
      one == null || other == null || one === other;
    if (!isPair || !fits(query.at(-1), key.at(-1)) || !fits(value.at(-2), key.at(-2))) {
      throw invalidArgument("inputs", {
        expected: "[query, value] or [query, value, key] of at least 3 axes, keys as queries",
        received: inputShape,
      });
    }
    const output = [...query.slice(0, -1), value.at(-1)!];
    if (this.arranged.returnAttentionScores !== true) return output;
    return [output, [...query.slice(0, -1), key.at(-2)!]];
  }

  /** Computes the layer's output, with the scores where they are asked for; the caller disposes them. */
  override call(inputs: Tensor | Tensor[], kwargs: CallArguments = {}): Tensor | Tensor[] {
    return tf.tidy(() => {
      const list = inputs as Tensor[];
      const { query, value, key } = partsOfCall(list, kwargs);
      const given = givenMasks(list, kwargs);
      const [ofQuery, ofValue] = given.some(Boolean) ? given : masksOfInputs(kwargs);
      const scores = this.scoresOf(query, key);
      const [queries, keys] = scores.shape.slice(-2) as [number, number];
      const seen = [
        ofValue && tf.expandDims(ofValue, -2),
        kwargs.useCausalMask === true ? causal(queries, keys) : undefined,
      ].filter((mask) => mask !== undefined);
      const masked =
        seen.length === 0
          ? scores
          : tf.where(
              seen.reduce((one, other) => tf.logicalAnd(one, other)),
              scores,
              tf.sub(scores, 1e9),
            );
      const shares = tf.softmax(masked);
      const dropped = this.dropout?.call(shares, kwargs) ?? shares;
      const attended = tf.matMul(dropped, value);
      const output =
        ofQuery === undefined
          ? attended
          : tf.where(tf.expandDims(ofQuery, -1), attended, tf.zerosLike(attended));
      return kwargs.returnAttentionScores === true ? [output, dropped] : output;
    });
  }

  protected scoresOf(query: Tensor, key: Tensor): Tensor {
    const scale = this.scale?.read();
    if (this.weightOfSums !== undefined) {
      return tf.mul(tf.sum(paired(query, key, scale), -1), this.weightOfSums.read());
    }
    const products = tf.matMul(query, key, false, true);
    return scale === undefined ? products : tf.mul(products, scale);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { scoreMode = "dot", dropout = 0, seed = null } = this.options;
    return { ...super.getConfig(), useScale: this.usesScale, scoreMode, dropout, seed };
  }
}

/** Attends by a learnt sum of the tanh of query and key, as Bahdanau did. */
export class AdditiveAttention extends Attention {
  /** Keras' name of the class. */
  static override className = "AdditiveAttention";

  constructor({ useScale = true, ...options }: AdditiveAttentionOptions = {}) {
    super({ ...options, useScale });
  }

  override build(inputShape: Shape | Shape[]): void {
    const features = (inputShape as Shape[])[0]!.at(-1)!;
    if (this.usesScale) {
      const initializer = withFans(tf.initializers.glorotUniform({}), [features, features]);
      this.scale = this.addWeight("scale", [features], "float32", initializer);
    }
    this.built = true;
  }

  protected override scoresOf(query: Tensor, key: Tensor): Tensor {
    const sums = paired(query, key);
    return tf.sum(this.scale === undefined ? sums : tf.mul(sums, this.scale.read()), -1);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { scoreMode: _, ...config } = super.getConfig();
    return config;
  }
}
