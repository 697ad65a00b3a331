/** Attention among the layers that Keras and this library share. */
import type { CallRule, LayerRule } from "./layerRule";
import { kernelAndBias, weight } from "./optionGroups";
import { activation, only, outdated, quantizationConfig, seed } from "./options";
import {
  axes,
  checked,
  count,
  flag,
  list,
  noiseShape,
  nullable,
  type Options,
  oneOf,
  share,
} from "./values";

const flags = ["use_causal_mask", "return_attention_scores"];

/** Keras' order. */
const headsCall: CallRule = {
  tensors: ["query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask"],
  flags,
};

const heads: Options = {
  dropout: share,
  ...kernelAndBias,
  use_gate: flag,
  sliding_window: nullable(count),
  flash_attention: outdated,
  seed,
};

/** Where the weights of the inner layers are; `mark` is what attributes of the class begin with. */
const steps = (mark: string) => ({
  query: `${mark}query_dense`,
  key: `${mark}key_dense`,
  gate: "_gate_dense",
  value: `${mark}value_dense`,
  attention_output: `${mark}output_dense`,
});

const text = checked("text", (v) => typeof v === "string");

const onlyValues = (options: Options): LayerRule => ({
  options: { use_scale: flag, dropout: share, seed, ...options },
  call: { flags, masks: ["query_mask", "value_mask", "key_mask"] },
});

/** By Keras' class names. */
export const attentions: Record<string, LayerRule> = {
  AdditiveAttention: onlyValues({}),
  Attention: onlyValues({ score_mode: oneOf("dot", "concat") }),
  EinsumDense: {
    options: {
      equation: text,
      output_shape: noiseShape,
      activation,
      bias_axes: nullable(text),
      ...weight("kernel"),
      ...weight("bias"),
      lora_rank: { ...only(null), readOnly: true },
      lora_alpha: { ...only(null), readOnly: true },
      gptq_unpacked_column_size: { ...only(null), readOnly: true },
      quantization_config: quantizationConfig,
    },
  },
  GroupQueryAttention: {
    options: { head_dim: count, num_query_heads: count, num_key_value_heads: count, ...heads },
    steps: steps("_"),
    call: headsCall,
  },
  MultiHeadAttention: {
    options: {
      num_heads: count,
      key_dim: count,
      value_dim: nullable(count),
      output_shape: nullable(list({ low: 1 })),
      attention_axes: nullable(axes()),
      ...heads,
    },
    steps: steps(""),
    call: headsCall,
  },
};
