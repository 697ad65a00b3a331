/** Options that layers keep from one file of Keras' to the next, against Keras 3.15.1 on TensorFlow 2.21. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { loadModel, saveModel } from "../../lib/index";
import { KerasCases } from "../support/kerasCases";
import { runPython } from "../support/python";

const program = `
def normalized(name, *layers, **options):
    x = keras.Input((4, 6)); y = x
    for each in layers: y = each(y)
    case(name, keras.Model(x, y), real(7, 4, 6), **options)

bound = dict(gamma_constraint=keras.constraints.MaxNorm(0.5), beta_constraint="non_neg")
normalized("group normalization with constraints", L.Dense(6), L.GroupNormalization(3, **bound))
normalized("synchronized normalization", L.Dense(6), L.BatchNormalization(synchronized=True))
normalized("layers of float64", L.Dense(6, dtype="float64"), L.SpatialDropout1D(0.5, dtype="float64"), L.Dense(2), train=False)
normalized("masked dropout", L.Dense(6), L.AlphaDropout(0.5, noise_shape=(None, 1, 6)), train=False)
a, b, c = (keras.Input((4, 6)) for _ in range(3))
case("a key by name", keras.Model([a, b, c], L.MultiHeadAttention(2, 3)(a, b, key=c)), [real(7, 4, 6) for _ in range(3)])
case("a key by place", keras.Model([a, b, c], L.MultiHeadAttention(2, 3)(a, b, c)), [real(7, 4, 6) for _ in range(3)])
d = keras.Input((4, 6))
normalized("renormalization", L.Dense(6), L.BatchNormalization(renorm=True),
    L.BatchNormalization(axis=1, center=False, scale=False, renorm=True, renorm_momentum=0.5, renorm_clipping=dict(rmax=1.5, rmin=0.5, dmax=0.5)))
int8 = keras.quantizers.Int8QuantizationConfig()
normalized("layers that may be quantized", L.Dense(6, quantization_config=int8), L.EinsumDense("abc,cd->abd", (None, 2), quantization_config=int8))
half = keras.Model(d, L.Dense(2, dtype="mixed_float16")(d))
half.save(f"{folder}/half.keras")
`;

/** What Keras reads of a file, and of the one that was saved here. */
const again = `
import json, sys, keras
def said(file):
    model = keras.models.load_model(file, compile=False)
    calls = [[sorted(n["kwargs"]), len(n["args"])] for l in model.get_config()["layers"] for n in l["inbound_nodes"]]
    return [[l.get_config() for l in model.layers], calls]
print(json.dumps([[said(f"{file}.keras"), said(f"{file}-saved.keras")] for file in sys.argv[1:]]))
`;

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});
const names = [...program.matchAll(/^(?:normalized|case)\("([^"]*)"/gm)].map(([, name]) => name!);

describe("a model computes and trains as in Keras:", () => {
  for (const name of names) {
    it(name, () => cases!.compare(name, { engine: "graph" }));
  }
});

describe("what a file says", () => {
  it("is what is saved: constraints, policies, arguments of calls", async () => {
    const model = await loadModel(cases!.file("half"));
    await saveModel(model, cases!.file("half-saved"));
    model.dispose();
    const files = [...names, "half"].map((name) => cases!.file(name, ""));
    const printed = await runPython(again, files);
    const pairs = JSON.parse(printed.trim().split("\n").at(-1)!) as [unknown, unknown][];
    assert.equal(pairs.length, names.length + 1);
    for (const [i, [theirs, ours]] of pairs.entries()) assert.deepEqual(ours, theirs, files[i]);
  });
});

after(() => cases?.compareSaved());
