/** Attention and its products, one function for each layer. */
import type { Layer } from "../tfjs";
import {
  AdditiveAttention,
  type AdditiveAttentionOptions,
  Attention,
  type AttentionOptions,
} from "./attention";
import { EinsumDense, type EinsumDenseOptions, projectionOptions } from "./einsumDense";
import { GroupQueryAttention, type GroupQueryAttentionOptions } from "./groupQueryAttention";
import { make } from "./make";
import { MultiHeadAttention, type MultiHeadAttentionOptions } from "./multiHeadAttention";
import { ReversibleEmbedding, type ReversibleEmbeddingOptions } from "./reversibleEmbedding";

const headOptions = {
  ...projectionOptions,
  dropout: true,
  useBias: true,
  useGate: true,
  slidingWindow: true,
  seed: true,
} as const;

/**
 * Attends in several heads, as `keras.layers.MultiHeadAttention`.
 *
 * It is applied to `[query, value]` or `[query, value, key]`, each `[batch, …, features]` float32, and tells by name:
 * `attentionMask`, a tensor that is true where a query may look at a key, `[batch, queries, keys]`; `useCausalMask`, so
 * that no query looks at a later key; `returnAttentionScores`, so that it gives `[output, scores]`, the scores
 * `[batch, heads, queries, keys]`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const sequence = tf.randomNormal([2, 10, 16]);
 * const attention = layers.multiHeadAttention({ numHeads: 4, keyDim: 8 });
 * const output = attention.apply([sequence, sequence], { useCausalMask: true });
 * @see https://keras.io/api/layers/attention_layers/multi_head_attention/
 */
export function multiHeadAttention(options: MultiHeadAttentionOptions): Layer {
  return make(MultiHeadAttention, options, {
    ...headOptions,
    ...{ numHeads: true, keyDim: true, valueDim: true, outputShape: true, attentionAxes: true },
  });
}

/**
 * Attends in heads that share keys and values in groups, as `keras.layers.GroupQueryAttention`.
 *
 * It is applied as `layers.multiHeadAttention`, to sequences `[batch, steps, features]` float32.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const sequence = tf.randomNormal([2, 10, 16]);
 * const options = { headDim: 8, numQueryHeads: 4, numKeyValueHeads: 2 };
 * const output = layers.groupQueryAttention(options).apply([sequence, sequence]);
 * @see https://keras.io/api/layers/attention_layers/group_query_attention/
 */
export function groupQueryAttention(options: GroupQueryAttentionOptions): Layer {
  return make(GroupQueryAttention, options, {
    ...headOptions,
    ...{ headDim: true, numQueryHeads: true, numKeyValueHeads: true },
  });
}

/**
 * Attends to values by products of queries and keys, as `keras.layers.Attention`.
 *
 * It is applied to `[query, value]` or `[query, value, key]`, each `[batch, steps, features]` float32, and tells by name:
 * `useCausalMask`, so that no query looks at a later key; `returnAttentionScores`, so that it gives
 * `[output, scores]`, the scores `[batch, queries, keys]`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const [query, value] = [tf.randomNormal([2, 3, 8]), tf.randomNormal([2, 5, 8])];
 * const output = layers.attention({ useScale: true }).apply([query, value]); // [2, 3, 8]
 * @see https://keras.io/api/layers/attention_layers/attention/
 */
export function attention(options: AttentionOptions = {}): Layer {
  return make(Attention, options, { useScale: true, dropout: true, seed: true, scoreMode: true });
}

/**
 * Attends to values by sums of queries and keys, as `keras.layers.AdditiveAttention`.
 *
 * It is applied as `layers.attention`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const [query, value] = [tf.randomNormal([2, 3, 8]), tf.randomNormal([2, 5, 8])];
 * const output = layers.additiveAttention().apply([query, value]); // [2, 3, 8]
 * @see https://keras.io/api/layers/attention_layers/additive_attention/
 */
export function additiveAttention(options: AdditiveAttentionOptions = {}): Layer {
  return make(AdditiveAttention, options, { useScale: true, dropout: true, seed: true });
}

/**
 * Sums products of its input and a kernel as an equation tells, as `keras.layers.EinsumDense`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.einsumDense({ equation: "abc,cd->abd", outputShape: [null, 4], biasAxes: "d" });
 * const output = layer.apply(tf.ones([2, 3, 8])); // [2, 3, 4]
 * @see https://keras.io/api/layers/core_layers/einsum_dense/
 */
export function einsumDense(options: EinsumDenseOptions): Layer {
  return make(EinsumDense, options, {
    ...projectionOptions,
    ...{ equation: true, outputShape: true, activation: true, biasAxes: true },
  });
}

/**
 * Vectors for whole numbers, as `keras.layers.ReversibleEmbedding`: applied to vectors with `reverse: true`, it gives how
 * much each number is meant, the logits of a language model.
 *
 * Applied to `[batch, …]` whole numbers it gives `[batch, …, outputDim]` float32; back from those, `[batch, …, inputDim]`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.reversibleEmbedding({ inputDim: 100, outputDim: 8 });
 * const vectors = layer.apply(tf.tensor2d([[1, 5]], [1, 2], "int32")); // [1, 2, 8]
 * const logits = layer.apply(vectors, { reverse: true }); // [1, 2, 100]
 * @see https://keras.io/api/layers/core_layers/reversible_embedding/
 */
export function reversibleEmbedding(options: ReversibleEmbeddingOptions): Layer {
  return make(ReversibleEmbedding, options, {
    ...{ inputDim: true, outputDim: true, tieWeights: true, maskZero: true, logitSoftCap: true },
    ...{ embeddingsInitializer: true, embeddingsRegularizer: true, embeddingsConstraint: true },
  });
}
