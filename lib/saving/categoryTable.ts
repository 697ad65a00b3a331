/** Layers of categories among those that Keras and this library share. */
import { IntegerLookup } from "../layers";
import type { Config } from "../tfjs";
import type { LayerRule } from "./layerRule";
import { weight } from "./optionGroups";
import { keptType, only, outdated, quantizationConfig } from "./options";
import { count, flag, list, nullable, number, numbers, oneOf, whole, word } from "./values";

/** What gives categories' numbers is of whole numbers in Keras. */
const wholeForInt = ({ outputMode }: Config) => (outputMode === "int" ? "int64" : "float32");

/** By Keras' class names. */
export const categories: Record<string, LayerRule> = {
  CategoryEncoding: {
    options: {
      num_tokens: count,
      output_mode: word("multi_hot", "one_hot", "count"),
      sparse: { ...only(false), readOnly: true },
    },
    call: { tensors: ["inputs", "count_weights"], flags: [] },
  },
  Discretization: {
    options: {
      bin_boundaries: nullable(numbers),
      num_bins: nullable(count),
      epsilon: number({ low: 0, high: 1 }),
      output_mode: word("int", "one_hot", "multi_hot", "count"),
      sparse: only(false),
    },
  },
  Embedding: {
    options: {
      input_dim: count,
      output_dim: count,
      ...weight("embeddings"),
      mask_zero: flag,
      input_length: outdated,
      quantization_config: quantizationConfig,
    },
  },
  HashedCrossing: {
    options: { num_bins: count, output_mode: word("int", "one_hot"), sparse: only(false) },
    policy: wholeForInt,
  },
  Hashing: {
    options: {
      num_bins: count,
      mask_value: nullable(whole()),
      salt: nullable(list({ length: 2 })),
      output_mode: word("int", "one_hot", "multi_hot", "count"),
      sparse: only(false),
    },
    policy: wholeForInt,
  },
  IntegerLookup: {
    options: {
      max_tokens: nullable(whole({ low: 2 })),
      num_oov_indices: whole({ low: 0 }),
      mask_token: nullable(whole()),
      oov_token: nullable(whole()),
      vocabulary: nullable(list()),
      vocabulary_dtype: only("int64"),
      vocabulary_size: nullable(count),
      idf_weights: nullable(numbers),
      invert: flag,
      output_mode: word("int", "one_hot", "multi_hot", "count", "tf_idf"),
      sparse: only(false),
      pad_to_max_tokens: flag,
      oov_method: oneOf("floormod", "farmhash"),
      salt: nullable(list({ length: 2 })),
    },
    constants: (layer) => {
      const weighs = layer instanceof IntegerLookup && layer.getConfig().outputMode === "tfIdf";
      const weights: Record<string, number[]> = {};
      if (weighs) weights.idf_weights = layer.placeWeights();
      return weights;
    },
  },
  ReversibleEmbedding: {
    options: {
      input_dim: count,
      output_dim: count,
      tie_weights: flag,
      ...weight("embeddings"),
      mask_zero: flag,
      reverse_dtype: keptType,
      logit_soft_cap: nullable(number()),
      quantization_config: quantizationConfig,
    },
    call: { flags: ["reverse"] },
  },
};
