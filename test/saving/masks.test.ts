/** Masks, as layers hand them on and as files give them, against Keras 3.15.1 on TensorFlow 2.21. */
import { after, before, describe, it } from "node:test";
import { KerasCases } from "../support/kerasCases";

const program = `
def padded(*shape):
    x = real(*shape)
    for i in range(shape[0]): x[i, 1 + i % shape[1]:] = 0
    if shape[1] > 2: x[0, 1] = 0.5; x[0, 0] = 0
    return x

def tokens(count, steps): return whole(count, steps, high=5)

def sequence(name, *layers, x=None, y=None, **options):
    x = padded(7, 5, 3) if x is None else x
    inputs = keras.Input(x.shape[1:], dtype="int32" if x.dtype == "int32" else "float32")
    outputs = inputs
    for layer in layers: outputs = layer(outputs)
    case(name, keras.Model(inputs, outputs), x, y, **options)

M = lambda: L.Masking()
E = lambda: L.Embedding(5, 3, mask_zero=True)
ids = tokens(7, 5)

# What layers do with a mask.
sequence("gru", M(), L.GRU(3))
sequence("gru sequences", M(), L.GRU(3, return_sequences=True), L.GRU(2))
sequence("lstm sequences", M(), L.LSTM(3, return_sequences=True), L.LSTM(2))
sequence("simple rnn sequences", M(), L.SimpleRNN(3, return_sequences=True), L.SimpleRNN(2))
zeroed = dict(zero_output_for_mask=True)
sequence("gru sequences of zeros", M(), L.GRU(3, return_sequences=True, **zeroed), L.Dense(2))
sequence("gru sequences of zeros, backwards", M(), L.GRU(3, return_sequences=True, go_backwards=True, **zeroed), L.Dense(2))
sequence("lstm of zeros", M(), L.LSTM(3, **zeroed), L.Dense(2))
sequence("simple rnn of zeros, backwards", M(), L.SimpleRNN(3, go_backwards=True, **zeroed), L.Dense(2))
sequence("bidirectional", M(), L.Bidirectional(L.LSTM(3)))
sequence("bidirectional sequences", M(), L.Bidirectional(L.GRU(3, return_sequences=True)), L.LSTM(2))
sequence("summed bidirectional sequences", M(), L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode="sum"), L.Flatten(), L.Dense(1))
sequence("average pooling", E(), L.GlobalAveragePooling1D(), L.Dense(1), x=np.maximum(ids, [[1, 0, 0, 0, 0]]))
sequence("max pooling drops it", M(), L.MaxPooling1D(2), L.GRU(3))
sequence("permute drops it", M(), L.Permute((2, 1)), L.GRU(3))
sequence("convolution drops it", M(), L.Conv1D(3, 2), L.GRU(3))
sequence("dropped and repeated", E(), L.LSTM(3), L.RepeatVector(4), L.LSTM(2, return_sequences=True), x=ids)
sequence("normalization", M(), L.Dense(3), L.BatchNormalization(), L.GRU(2))
sequence("normalization of a loss", M(), L.BatchNormalization())
sequence("handed on", M(), L.Dense(4, activation="tanh"), L.LayerNormalization(), L.Activation("relu"), L.LeakyReLU(), L.ELU(), L.TimeDistributed(L.Dense(3)), L.LSTM(2))
sequence("flatten", E(), L.Flatten(), L.Dense(2), x=ids)

# Losses and metrics.
sequence("sequence loss", E(), L.LSTM(3, return_sequences=True), L.Dense(2), x=ids, metrics=["mae"])
sequence("sequence classes", E(), L.GRU(3, return_sequences=True), L.Dense(4, activation="softmax"), x=ids, y=whole(7, 5, high=4), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
sequence("sequence of nothing", E(), L.Dense(2), x=0 * ids, metrics=["mae"])

# Joined. Keras can't read its own file of a layer "concatenate" beside its own operation of that name on masks.
def two(name, join, *after):
    a = keras.Input((5,), dtype="int32"); b = keras.Input((5, 3))
    outputs = join([E()(a), M()(b)])
    for layer in after: outputs = layer(outputs)
    case(name, keras.Model([a, b], outputs), [ids, padded(7, 5, 3)])

two("added", L.Add(), L.GRU(2))
two("multiplied", L.Multiply(), L.GRU(2))
two("concatenated", L.Concatenate(name="joined"), L.GRU(2))
two("concatenated by that very name", L.Concatenate(name="concatenate"), L.GRU(2))
two("concatenated in time", L.Concatenate(axis=1, name="joined"), L.GRU(2))
a = keras.Input((5,), dtype="int32"); b = keras.Input((5, 3))
case("one of two added", keras.Model([a, b], L.GRU(2)(L.Add()([E()(a), b]))), [ids, real(7, 5, 3)])
case("one of two concatenated", keras.Model([a, b], L.GRU(2)(L.Concatenate(name="joined")([E()(a), b]))), [ids, real(7, 5, 3)])

# Given by itself.
frames = keras.Input((5, 4)); mask = keras.Input((5,), dtype="bool")
x = L.GRU(3, return_sequences=True)(frames, mask=mask)
x = L.GRU(2)(x)
case("explicit mask", keras.Model([frames, mask], L.Dense(2)(L.Dropout(0.0)(x))), [real(7, 5, 4), whole(7, 5, high=2)])
case("explicit mask of an average", keras.Model([frames, mask], L.Dense(2)(L.GlobalAveragePooling1D()(frames, mask=mask))), [real(7, 5, 4), np.maximum(whole(7, 5, high=2), [[1, 0, 0, 0, 0]])])
words = keras.Input((5,), dtype="int32"); embed = E()
x = L.Conv1D(3, 2, padding="same")(embed(words))
case("computed mask", keras.Model(words, L.LSTM(2)(x, mask=embed.compute_mask(words))), ids, saved=False)
case("derived mask, given", keras.Model(words, L.LSTM(2)(embed(words), mask=embed.compute_mask(words))), ids)
inner = keras.Sequential([keras.Input((5, 3)), L.LSTM(2, return_sequences=True)])
case("mask into a model", keras.Model(words, L.LSTM(2)(inner(E()(words)))), ids)
`;

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

const names = [...program.matchAll(/^(?:sequence|two|case)\("([^"]*)"/gm)].map(([, name]) => name!);

/** What differs between the engines is elsewhere: some of each kind. */
const eagerToo = [
  "gru sequences",
  "bidirectional sequences",
  "normalization",
  "sequence classes",
  "concatenated in time",
  "explicit mask",
];

describe("a model computes and trains as in Keras:", () => {
  for (const name of names) {
    it(name, () => cases!.compare(name, { engine: "graph" }));
  }
  for (const name of eagerToo) {
    it(`${name}, eagerly`, () => cases!.compare(name, { engine: "eager" }));
  }
});

after(() => cases?.compareSaved());
