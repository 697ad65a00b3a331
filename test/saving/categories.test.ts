/** Layers of categories, and an embedding that goes both ways, against Keras 3.15.1 on TensorFlow 2.21. */
import assert from "node:assert/strict";
import { after, before, describe, it, test } from "node:test";
import { layers, loadModel, tf } from "../../lib/index";
import { KerasCases } from "../support/kerasCases";

const program = `
numbers = whole(7, 5, high=9) - 2

def learnt(name, layer, x=numbers, **options):
    inputs = keras.Input(x.shape[1:], dtype=x.dtype.name)
    outputs = L.Dense(3)(L.Flatten()(L.Rescaling(0.25)(layer(inputs))))
    case(name, keras.Model(inputs, outputs), x, **options)

def adapted(layer, x=numbers):
    layer.adapt(x)
    return layer

learnt("hashing", L.Hashing(5))
learnt("hashing with a mask", L.Hashing(5, mask_value=1))
learnt("hashing of one bin", L.Hashing(1, mask_value=1))
learnt("hashing with a salt", L.Hashing(5, salt=[3, 7]))
learnt("hashing to int32", L.Hashing(5, dtype="int32"))
# Of several numbers Keras says another shape than it gives.
learnt("hashing one number", L.Hashing(5, output_mode="one_hot"), x=numbers[:, :1])
learnt("hashing to a multi-hot vector", L.Hashing(5, output_mode="multi_hot"))
learnt("hashing to counts", L.Hashing(5, output_mode="count"))
learnt("hashing floats", L.Hashing(5), x=3 * real(7, 5))

def crossed(name, **options):
    inputs = [keras.Input((1,), dtype="int32") for _ in range(2)]
    outputs = L.Dense(3)(L.Flatten()(L.Rescaling(0.25)(L.HashedCrossing(6, **options)(inputs))))
    case(name, keras.Model(inputs, outputs), [whole(7, 1, high=20) - 5 for _ in range(2)])

crossed("crossing")
crossed("crossing to one-hot vectors", output_mode="one_hot")

words = [5, -2, 3, 0]
learnt("lookup", L.IntegerLookup(vocabulary=words))
learnt("lookup with a mask", L.IntegerLookup(vocabulary=words, mask_token=1))
learnt("lookup with the places in front", L.IntegerLookup(vocabulary=[1, -1, *words], mask_token=1))
learnt("lookup with several places", L.IntegerLookup(vocabulary=words, num_oov_indices=3))
learnt("lookup with a hash", L.IntegerLookup(vocabulary=words, num_oov_indices=3, oov_method="farmhash"))
learnt("lookup with a salted hash", L.IntegerLookup(vocabulary=words, num_oov_indices=3, oov_method="farmhash", salt=3))
learnt("lookup without other places", L.IntegerLookup(vocabulary=[*range(-3, 8)], num_oov_indices=0))
learnt("lookup backwards", L.IntegerLookup(vocabulary=words, invert=True, mask_token=1, oov_token=-7))
for mode in ("one_hot", "multi_hot", "count"):
    learnt(f"lookup to {mode}", L.IntegerLookup(vocabulary=words, output_mode=mode, mask_token=1))
learnt("lookup with weights", L.IntegerLookup(vocabulary=words, output_mode="tf_idf", idf_weights=[0.1, 0.2, 0.3, 0.4]))
learnt("padded lookup", L.IntegerLookup(vocabulary=words, output_mode="count", max_tokens=9, pad_to_max_tokens=True))
learnt("adapted lookup", adapted(L.IntegerLookup()))
learnt("adapted lookup of few", adapted(L.IntegerLookup(max_tokens=4, mask_token=0)))
learnt("adapted lookup to counts", adapted(L.IntegerLookup(output_mode="count")))
learnt("adapted lookup with weights", adapted(L.IntegerLookup(output_mode="tf_idf")))

ids = whole(7, 5, high=6)
def reversed_(name, *between, **options):
    inputs = keras.Input((5,), dtype="int32")
    layer = L.ReversibleEmbedding(6, 3, **options)
    x = layer(inputs)
    for each in between: x = each(x)
    case(name, keras.Model(inputs, layer(x, reverse=True)), ids)

reversed_("reversible embedding")
reversed_("reversible embedding with weights of its own", tie_weights=False)
reversed_("reversible embedding with a bound", logit_soft_cap=0.5)
reversed_("reversible embedding with a mask", L.LSTM(3, return_sequences=True), mask_zero=True)
reversed_("regularized reversible embedding", embeddings_regularizer="l2", embeddings_constraint="non_neg")
reversed_("reversible embedding of another type", reverse_dtype="float64")
inputs = keras.Input((5,), dtype="int32")
case("embedding one way", keras.Model(inputs, L.GRU(2)(L.ReversibleEmbedding(6, 3, mask_zero=True)(inputs))), ids)

inputs = [keras.Input((5,), dtype="int32"), keras.Input((5,))]
weighed = L.CategoryEncoding(6, output_mode="count")(inputs[0], count_weights=inputs[1])
case("weighed counts", keras.Model(inputs, L.Dense(3)(weighed)), [whole(7, 5), real(7, 5)])
`;

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

const modes = ["one_hot", "multi_hot", "count"].map((mode) => `lookup to ${mode}`);
const names = [
  ...[...program.matchAll(/^(?:learnt|crossed|reversed_|case)\("([^"]*)"/gm)].map(
    ([, name]) => name!,
  ),
  ...modes,
];

/** A missing number is an error, which a graph can't look for. */
const eagerly = ["lookup without other places"];

describe("a model computes and trains as in Keras:", () => {
  for (const name of names) {
    it(name, () => cases!.compare(name, { engine: eagerly.includes(name) ? "eager" : "graph" }));
  }
  for (const name of ["hashing with a mask", "crossing", "lookup with a hash"]) {
    it(`${name}, eagerly`, () => cases!.compare(name, { engine: "eager" }));
  }
  it("reversible embedding with a mask, eagerly", () =>
    cases!.compare("reversible embedding with a mask", { engine: "eager" }));
});

test("adapt() finds the numbers and weights that Keras finds", async () => {
  for (const name of ["adapted lookup", "adapted lookup of few", "adapted lookup with weights"]) {
    const before = tf.memory().numTensors;
    const model = await loadModel(cases!.file(name));
    const theirs = model.layers[1]!.getConfig();
    const { maxTokens, maskToken, outputMode } = theirs as Record<string, never>;
    const layer = layers.integerLookup({ maxTokens, maskToken, outputMode });
    const data = cases!.inputs(name) as tf.Tensor;
    layer.adapt(data);
    const ours = layer.getConfig();
    const lists = [theirs.vocabulary, ours.vocabulary] as [number[], number[]];
    const front = lists[0].length - lists[1].length;
    const after = (list: unknown) => (list as number[] | null)?.slice(front);
    assert.deepEqual(ours.vocabulary, after(theirs.vocabulary), name);
    for (const [i, weight] of ((ours.idfWeights ?? []) as number[]).entries()) {
      assert.ok(Math.abs(weight - after(theirs.idfWeights)![i]!) < 1e-6, `${name}, ${i}`);
    }
    tf.dispose(data);
    model.dispose();
    assert.equal(tf.memory().numTensors, before);
  }
});

test("a lookup says what is wrong with its options, and with numbers that it doesn't know", () => {
  const { integerLookup } = layers;
  const refused: [() => unknown, RegExp][] = [
    [() => integerLookup({ vocabulary: [] }), /`vocabulary` must be a list of whole numbers/],
    [() => integerLookup({ vocabulary: [1, 1] }), /`vocabulary` must be numbers that differ/],
    [() => integerLookup({ vocabulary: [1, 2], maxTokens: 2 }), /at most 2 numbers/],
    [() => integerLookup({ padToMaxTokens: true }), /`maxTokens` must be given/],
    [() => integerLookup({ invert: true, outputMode: "count" }), /`outputMode` must be "int"/],
    [() => integerLookup({ salt: 3 }), /`oovMethod` must be "farmhash"/],
    [
      () => integerLookup({ vocabulary: [1], outputMode: "tfIdf" }),
      /`idfWeights` must be a number/,
    ],
    [() => integerLookup({ vocabulary: [1], idfWeights: [1] }), /`idfWeights` must be left out/],
    [() => integerLookup({ vocabulary: [1] }).adapt(tf.zeros([1])), /without `vocabulary`/],
    [() => integerLookup().apply(tf.zeros([1, 2])), /has to `adapt` to data first/],
    [
      () => integerLookup({ vocabulary: [1], numOovIndices: 0 }).apply(tf.zeros([1, 2])),
      /is not in the vocabulary/,
    ],
    [() => layers.hashing({ numBins: 2, salt: [1] as never }), /`salt` must be a whole number/],
    [
      () => layers.hashedCrossing({ numBins: 2 }).apply(tf.zeros([2, 1])),
      /two tensors of one shape, \[batch\] or/,
    ],
  ];
  tf.tidy(() => {
    for (const [run, message] of refused) assert.throws(run, message);
  });
});

after(() => cases?.compareSaved());
