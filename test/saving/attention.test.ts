/** Attention and the layers beside it in Keras' files, against Keras 3.15.1 on TensorFlow 2.21. */
import { after, before, describe, it } from "node:test";
import { KerasCases } from "../support/kerasCases";

const program = `
import os, warnings
warnings.filterwarnings("ignore")

# Layers side by side: each is given a query of (5, 4) and a value of (6, 3), through dense layers of its own.
def beside(name, *each, query=(5, 4), value=(6, 3), **options):
    a, b = keras.Input(query), keras.Input(value)
    outputs = []
    for f in each:
        made = f(L.Dense(query[-1])(a), L.Dense(value[-1])(b))
        outputs += list(made) if isinstance(made, (list, tuple)) else [made]
    outputs = L.Concatenate()([L.Flatten()(o) for o in outputs]) if len(outputs) > 1 else outputs[0]
    case(name, keras.Model([a, b], outputs), [real(7, *query), real(7, *value)], **options)

MHA, GQA = L.MultiHeadAttention, L.GroupQueryAttention
beside("heads",
    lambda q, v: MHA(2, 3)(q, q),
    lambda q, v: MHA(2, 3, value_dim=5, output_shape=7)(q, v, use_causal_mask=True),
    lambda q, v: MHA(3, 2, use_bias=False)(value=v, query=q, key=L.Dense(3)(v)),
    lambda q, v: MHA(2, 3, value_dim=2, use_gate=True, kernel_regularizer="l2", bias_constraint="non_neg")(q, v),
    lambda q, v: MHA(2, 3, sliding_window=2)(q, q, L.Dense(3)(q)),
    lambda q, v: MHA(2, 3)(q, v, return_attention_scores=True, use_causal_mask=True), older=True)
beside("heads over rows and columns",
    lambda q, v: MHA(2, 3, output_shape=(2, 3))(q, v), lambda q, v: MHA(2, 3, attention_axes=-2)(q, q),
    query=(3, 2, 4), value=(3, 2, 3))
beside("groups of heads",
    lambda q, v: GQA(3, 4, 2)(q, q),
    lambda q, v: GQA(3, 4, 2, use_bias=False, use_gate=True, sliding_window=3)(q, v, use_causal_mask=True),
    lambda q, v: GQA(3, 4, 4)(q, v, return_attention_scores=True), value=(6, 4), older=True)
beside("products and sums",
    lambda q, v: L.Attention(use_scale=True)([q, v]),
    lambda q, v: L.Attention()([q, q], return_attention_scores=True, use_causal_mask=True),
    lambda q, v: L.Attention(score_mode="concat", use_scale=True)([q, v, L.Dense(4)(v)]),
    lambda q, v: L.AdditiveAttention()([q, v]),
    lambda q, v: L.AdditiveAttention(use_scale=False)([q, v], use_causal_mask=True), value=(6, 4))

# Masks.
x, seen = keras.Input((5, 4)), keras.Input((5, 5), dtype="bool")
allowed = (random.uniform(0, 1, (7, 5, 5)) < 0.6).astype("int32")
outputs = L.Add()([MHA(2, 3)(x, x, attention_mask=seen), GQA(3, 2, 1)(x, x, attention_mask=seen)])
case("given masks", keras.Model([x, seen], outputs), [real(7, 5, 4), allowed])
tokens = np.array([[1, 2, 3, 0, 0], [4, 1, 0, 0, 0], [1, 1, 1, 1, 1], [5, 0, 0, 0, 0], [2, 0, 3, 0, 1], [3, 4, 0, 0, 0]], "int32")
def text(name, *blocks, **options):
    x = keras.Input((5,), dtype="int32")
    y = L.Embedding(6, 4, mask_zero=True)(x)
    for block in blocks: y = block(y)
    case(name, keras.Model(x, L.Dense(2)(L.GlobalAveragePooling1D()(y))), tokens, **options)
def after(y): return L.LayerNormalization()(L.Add()([y, MHA(2, 3)(y, y)]))
def before(y):
    z = L.LayerNormalization()(y)
    return L.Add()([y, MHA(2, 3)(z, z)])
def grouped(y): return L.Add()([y, GQA(3, 2, 1)(y, y)])
text("a text", before, grouped, before, after, after)
text("a text by products", lambda y: L.Attention()([y, y]), lambda y: L.AdditiveAttention()([y, y], use_causal_mask=True))

def several(name, shape, *each, **options):
    x = keras.Input(shape)
    outputs = [L.Flatten()(f(L.Dense(shape[-1])(x))) for f in each]
    case(name, keras.Model(x, L.Concatenate()(outputs)), real(7, *shape), **options)

E, LN, SN = L.EinsumDense, L.LayerNormalization, L.SpectralNormalization
several("equations", (4, 2, 3),
    E("abcd,de->abce", (None, 2, 5), bias_axes="e", activation="relu"),
    E("abcd,def->abcef", (4, 2, 2, 5), bias_axes="ef", kernel_regularizer="l2"),
    E("abcd,de->aebc", (5, 4, None), bias_axes="e"),
    E("abcd,bde->abce", (4, None, 5), bias_axes="be"),
    E("...x,xy->...y", 5, bias_axes="y", activation="gelu"),
    E("ab...,bc->ac...", 5, bias_axes="c"))
several("layer normalizations", (3, 4, 2),
    LN(axis=[3, 1]), LN(axis=[-1, 1], center=False), LN(axis=(1, 2, 3), scale=False, epsilon=0.1),
    LN(beta_constraint="non_neg", gamma_constraint=keras.constraints.MaxNorm(1.0), gamma_regularizer="l2"),
    LN(rms_scaling=True), LN(center=False, scale=False))
several("spectral normalizations", (4, 4, 2),
    SN(L.Conv2D(3, 2), power_iterations=2), SN(L.Dense(3, activation="tanh"), name="dense_one"),
    SN(L.DepthwiseConv2D(2)), SN(E("abcd,de->abce", (4, 4, 2))), older=True)
x = keras.Input((4,)) # of whole numbers Keras would make whole numbers
case("a spectral embedding", keras.Model(x, SN(L.Embedding(6, 3))(x)), whole(6, 4, high=6).astype("float32"))

# A vision transformer, of patches in two ways.
x = keras.Input((8, 8, 3))
y = L.Reshape((4, 6))(L.Conv2D(6, 4, 4)(x)) + L.Dense(6)(ops.reshape(ops.image.extract_patches(x, 4), (-1, 4, 48)))
y = y + L.Embedding(4, 6)(ops.arange(4)[None])
for _ in range(2):
    z = LN(epsilon=1e-6)(y)
    y = L.Add()([MHA(2, 3, dropout=0.1)(z, z), y])
    z = L.Dense(6, activation="gelu")(LN(epsilon=1e-6)(y))
    y = L.Add()([L.Dropout(0.1)(z), y])
case("vision", keras.Model(x, L.Dense(3)(L.Flatten()(LN(epsilon=1e-6)(y)))), real(5, 8, 8, 3), train=False)

# Operations.
several("operations", (6, 5, 2),
    lambda x: ops.image.extract_patches(x, (3, 5)),
    lambda x: ops.image.extract_patches(x, (3, 2), strides=(2, 2), padding="same"),
    lambda x: ops.image.extract_patches(x, 2, strides=1, dilation_rate=2),
    lambda x: ops.nn.dot_product_attention(x, x, x * 2),
    lambda x: ops.nn.dot_product_attention(x, x, x, is_causal=True))

# Regularized by what projections give; of groups by their output besides.
x = keras.Input((5, 4))
case("regularized inside", keras.Model(x, MHA(2, 3, activity_regularizer="l2")(x, x)), real(6, 5, 4))
case("groups regularized inside", keras.Model(x, GQA(3, 4, 2, activity_regularizer="l2", use_gate=True)(x, x)), real(6, 5, 4))

# Masks that calls are given.
q, v, ofq, ofv = keras.Input((5, 4)), keras.Input((6, 4)), keras.Input((5,), dtype="bool"), keras.Input((6,), dtype="int32")
given, kept = [ofq, ops.greater(ofv, 0)], L.GlobalAveragePooling1D()
outputs = L.Concatenate()([kept(o) for o in (
    L.Attention()([q, v], mask=given),
    L.Attention(use_scale=True)([q, v], mask=[None, given[1]]),
    L.AdditiveAttention()([q, v, v], mask=[ofq, ops.not_equal(ofv, 2), None], use_causal_mask=True),
    L.Attention(score_mode="concat")([L.Masking(0.3)(q), v], mask=[None, given[1]]),
    MHA(2, 3)(q, v, query_mask=ofq, value_mask=given[1]), # Keras 3.15.1 doesn't look at the first
    MHA(2, 3)(L.Masking(0.3)(q), v, key_mask=given[1]),
    GQA(3, 2, 1)(q, v, query_mask=ofq, value_mask=given[1], key_mask=ops.not_equal(ofv, 2)))])
masks = [random.uniform(0, 1, (7, 5)) < 0.7, random.integers(0, 3, (7, 6))]
masks[0][:, 0], masks[1][:, 0] = True, 1
case("masks of query and value", keras.Model([q, v, ofq, ofv], outputs),
    [real(7, 5, 4), real(7, 6, 4), *[m.astype("int32") for m in masks]])
`;

const names = [...program.matchAll(/^(\w+)\("([^"]*)"/gm)].map(([, , name]) => name!);
const older = ["heads", "groups of heads", "spectral normalizations"];
/** Engines compute alike (test/parity); these are shown on both. */
const both = [...older, "a text", "masks of query and value", "regularized inside"];

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

describe("as in Keras predicts and trains:", () => {
  for (const name of names) {
    const engines = both.includes(name) ? (["eager", "graph"] as const) : (["graph"] as const);
    for (const engine of engines) {
      it(`${name}, ${engine}`, () => cases!.compare(name, { engine, tolerance: 1e-5 }));
    }
  }
});

describe("an older file of Keras' predicts the same:", () => {
  for (const name of older) it(name, () => cases!.compareOlder(name));
});

after(() => cases?.compareSaved());
