/** Recurrent layers in Keras' files, against Keras 3.15.1 on TensorFlow 2.21. */
import { after, before, describe, it } from "node:test";
import { KerasCases } from "../support/kerasCases";

const program = `
def flat(outputs): return L.Concatenate()([L.Flatten()(o) for o in keras.tree.flatten(outputs)])

# https://keras.io/examples/vision/conv_lstm: the next picture of a film.
film = keras.Input((None, 5, 5, 1))
x = film
for size in (5, 3, 1):
    x = L.ConvLSTM2D(3, (size, size), padding="same", return_sequences=True, activation="relu")(x)
    if size > 1: x = L.BatchNormalization()(x)
x = L.Conv3D(1, (3, 3, 3), activation="sigmoid", padding="same")(x)
case("next pictures", keras.Model(film, x), (real(4, 3, 5, 5, 1) > 0).astype("float32"), (real(4, 3, 5, 5, 1) > 0).astype("float32"), loss="binary_crossentropy")

signal = keras.Input((3, 7, 2))
volume = keras.Input((2, 3, 4, 3, 2))
mask = keras.Input((3,), dtype="int32")
case("convolutions with options", keras.Model([signal, volume, mask], flat([
    L.ConvLSTM1D(2, 3, strides=2, padding="same", return_state=True, return_sequences=True)(signal, mask=ops.greater(mask, 1)),
    L.ConvLSTM1D(3, 2, data_format="channels_first", dilation_rate=2, go_backwards=True, use_bias=False, recurrent_regularizer="l2")(
        L.Permute((1, 3, 2))(signal)),
    L.ConvLSTM3D(2, (1, 2, 3), padding="same", recurrent_activation="hard_sigmoid")(volume)])),
    [real(4, 3, 7, 2), real(4, 2, 3, 4, 3, 2), whole(4, 3, high=4)])

steps, chosen = keras.Input((4, 3)), keras.Input((4,), dtype="int32")
cells = lambda: [L.LSTMCell(3), L.GRUCell(2, reset_after=False), L.SimpleRNNCell(2, activation="relu")]
first, second = L.Dense(3)(L.Flatten()(steps)), L.Dense(2)(L.Flatten()(steps))
seen = L.Masking()(steps)
case("cells", keras.Model([steps, chosen], flat([
    L.RNN(cells(), return_sequences=True, return_state=True)(seen),
    L.RNN(cells(), go_backwards=True, zero_output_for_mask=True)(steps, mask=ops.less(chosen, 3)),
    L.RNN([L.LSTMCell(3), L.GRUCell(2)])(steps, initial_state=[[first, first], [second]]),
    L.RNN(L.GRUCell(2), unroll=True)(seen),
    L.TimeDistributed(L.Dense(2))(steps, mask=ops.less(chosen, 3))])), [real(4, 4, 3), whole(4, 4)])

# With first states, Keras 3.15.1 gives a call no mask but one that it is handed; the outputs have theirs all the same.
pupil, teacher = keras.Input((5,), dtype="int32"), keras.Input((4,), dtype="int32")
embedding = L.Embedding(6, 4, mask_zero=True)
_, h, c = L.LSTM(3, return_state=True)(embedding(pupil))
translated = L.LSTM(3, return_sequences=True)(embedding(teacher), initial_state=[h, c])
turned = L.Bidirectional(L.GRU(2, return_sequences=True))(embedding(teacher), initial_state=[L.Dense(2)(h), L.Dense(2)(c)])
case("a translation with masks", keras.Model([pupil, teacher], L.Dense(2)(L.Concatenate()([translated, turned]))),
    [whole(4, 5, high=3), whole(4, 4, high=3)])

# https://keras.io/examples/nlp/lstm_seq2seq
words, answers_begun = keras.Input((None, 4)), keras.Input((None, 3))
_, h, c = L.LSTM(3, return_state=True)(words)
decoded, _, _ = L.LSTM(3, return_sequences=True, return_state=True)(answers_begun, initial_state=[h, c])
case("encoder and decoder", keras.Model([words, answers_begun], L.Dense(3, activation="softmax")(decoded)),
    [real(4, 5, 4), real(4, 3, 3)], np.eye(3, dtype="float32")[whole(4, 3, high=3)], loss="categorical_crossentropy")

both = dict(return_state=True, return_sequences=True)
case("both ways", keras.Model([steps, chosen], flat([
    L.Bidirectional(L.LSTM(3, name="one"), backward_layer=L.LSTM(3, go_backwards=True, activation="relu", name="other"), name="two")(seen),
    L.Bidirectional(L.GRU(2, **both), merge_mode="mul")(steps, initial_state=[second, second], mask=ops.less(chosen, 3)),
    L.SimpleRNN(2)(steps, initial_state=second), L.GRU(2)(steps, initial_state=[second])])),
    [real(4, 4, 3), whole(4, 4)])

# Batches of 4: states go on from one to the next, and from what is predicted to what is trained.
kept = keras.Input((3, 2), batch_size=4)
x = L.LSTM(3, stateful=True, return_sequences=True)(kept)
x = L.Bidirectional(L.GRU(2, stateful=True, return_sequences=True))(x)
x = L.RNN([L.SimpleRNNCell(2), L.LSTMCell(2)], stateful=True)(x)
case("states that stay", keras.Model(kept, x), real(8, 3, 2), real(8, 2))
`;

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

const names = [...program.matchAll(/^case\("([^"]*)"/gm)].map(([, name]) => name!);

/** What differs between the engines is elsewhere: some of each kind. */
const eagerToo = ["next pictures", "both ways", "states that stay"];

describe("a recurrent model computes and trains as in Keras:", () => {
  for (const name of names) {
    it(name, () => cases!.compare(name, { engine: "graph" }));
  }
  for (const name of eagerToo) {
    it(`${name}, eagerly`, () => cases!.compare(name, { engine: "eager" }));
  }
});

after(() => cases?.compareSaved());
