/** Cases about layers of sequences: recurrent ones, wrappers, embeddings. */
import { alone, dense, head, steps, withOptions } from "./alone";
import { type Case, type Config, layer, makeCase, stack } from "./description";

export const gates = { recurrentActivation: "sigmoid" };

const recurrent: Case[] = [
  ...["SimpleRNN", "GRU", "LSTM"].flatMap((kind) => {
    const base = { units: 3, ...(kind === "SimpleRNN" ? {} : gates) };
    const reset = kind === "GRU" ? { resetAfter: false } : {};
    return withOptions(kind, steps, { ...base, ...reset }, [
      {},
      { returnSequences: true },
      { goBackwards: true, useBias: false },
      { activation: "relu" },
    ]);
  }),
  ...withOptions("LSTM", steps, { units: 3 }, [{ recurrentActivation: "hardSigmoid" }]),
  ...withOptions("LSTM", steps, { units: 3, ...gates }, [{ unitForgetBias: false }]),
  ...["concat", "sum", "mul", "ave"].map((mergeMode) =>
    alone(`Bidirectional ${mergeMode}`, steps, [
      layer("Bidirectional", { mergeMode }, { inner: layer("LSTM", { units: 2, ...gates }) }),
    ]),
  ),
  alone("Bidirectional GRU with sequences", steps, [
    layer(
      "Bidirectional",
      { mergeMode: "concat" },
      { inner: layer("GRU", { units: 2, returnSequences: true, resetAfter: false, ...gates }) },
    ),
  ]),
  alone("TimeDistributed Dense", steps, [
    layer("TimeDistributed", {}, { inner: layer("Dense", { units: 4, activation: "relu" }) }),
  ]),
  alone(
    "TimeDistributed Conv2D",
    [3, 4, 4, 1],
    [layer("TimeDistributed", {}, { inner: layer("Conv2D", { filters: 2, kernelSize: 3 }) })],
  ),
  alone("two LSTMs, one on the other", steps, [
    layer("LSTM", { units: 3, returnSequences: true, ...gates }),
    layer("LSTM", { units: 2, ...gates }),
  ]),
];

export const words = { name: "words", shape: [5], tokens: 9 };
export const embedding = (more: Config = {}) =>
  layer("Embedding", { inputDim: 9, outputDim: 3, ...more });

const embeddings: Case[] = [
  makeCase("Embedding", stack(words, [embedding(), ...head()])),
  makeCase(
    "Embedding and GlobalAveragePooling1D",
    stack(words, [embedding(), layer("GlobalAveragePooling1D"), dense()]),
  ),
  makeCase(
    "Embedding and GRU",
    stack(words, [embedding(), layer("GRU", { units: 3, resetAfter: false, ...gates }), dense()]),
  ),
  makeCase(
    "Embedding with mask and LSTM",
    stack(words, [embedding({ maskZero: true }), layer("LSTM", { units: 3, ...gates }), dense()]),
  ),
  ...["Conv1D", "MaxPooling1D"].map((kind) =>
    makeCase(
      `Embedding and ${kind}`,
      stack(words, [
        embedding(),
        layer(kind, kind === "Conv1D" ? { filters: 3, kernelSize: 2 } : { poolSize: 2 }),
        ...head(),
      ]),
    ),
  ),
];

export const sequenceCases: Case[] = [...recurrent, ...embeddings];
