/** Operations as layers of Keras' files, against Keras 3.15.1 on TensorFlow 2.21. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { saveModel, tf } from "../../lib/index";
import { readArchive } from "../../lib/saving/archive";
import { KerasCases } from "../support/kerasCases";
import { temporaryFolder } from "../support/temporaryFolder";

const program = `
from keras.applications import densenet, mobilenet, vgg16
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

def computed(name, shape, compute, x=None, dtype="float32", **options):
    inputs = keras.Input(shape, dtype=dtype)
    outputs = compute(inputs)
    if len(outputs.shape) != 2: outputs = L.Flatten()(outputs)
    case(name, keras.Model(inputs, L.Dense(2)(outputs)), real(7, *shape) if x is None else x, **options)

# Several computations, each on a dense layer of its own.
def trained(name, shape, *each):
    computed(name, shape, lambda x: L.Concatenate()([0.3 * L.Flatten()(f(L.Dense(shape[-1])(x))) for f in each])
        if len(each) > 1 else each[0](L.Dense(shape[-1])(x)))

# Arithmetic.
trained("arithmetic", (4, 3),
    lambda x: (2 - (x / 4 - 1) * 3 + 1) / 2,
    lambda x: x * x - x / (x * x + 1) + abs(-x),
    lambda x: x * np.array([1, 2, 3], "float32") + ops.convert_to_tensor([[0.5]]),
    lambda x: ((x + 2) ** 2 + ops.sqrt(x * x + 1) + ops.square(x) + ops.exp(x) - ops.log(x * x + 1)) / 9,
    lambda x: ops.maximum(x, 0.1) + ops.minimum(x, -0.1) * ops.clip(x, -0.3, 0.3),
    lambda x: ops.where(ops.logical_or(x > 0.2, x <= -0.2), x, 0.5 * x) * ops.cast(x >= 0, "float32"),
    lambda x: ops.sin(x) * ops.cos(x) + ops.tanh(x) + ops.arctan(x))
computed("whole numbers", (4, 3), lambda x: ops.cast((x // 2) * 3 + x % 2, "float32") / 5, x=whole(7, 4, 3, high=9), dtype="int32")
computed("division of whole numbers", (3,), lambda x: x / 2 - 1, x=whole(7, 3, high=9), dtype="int32")

# Activations.
def every(*names): return lambda x: sum(getattr(ops, name)(3 * x) * (0.1 + 0.05 * i) for i, name in enumerate(names))
trained("activations", (3,),
    every("relu", "relu6", "sigmoid", "softplus", "softsign", "silu", "hard_sigmoid", "hard_silu"),
    every("elu", "celu", "selu", "leaky_relu", "hard_tanh", "sparse_plus", "sparse_sigmoid"),
    every("log_sigmoid", "tanh_shrink", "squareplus"))
trained("activations with options", (3, 4), lambda x: ops.gelu(x, approximate=False) + ops.gelu(x) + ops.softmax(x, axis=1) + ops.log_softmax(x))
trained("activations with other options", (4,),
    lambda x: ops.elu(x, 0.5) + ops.celu(x, 2.0) + ops.hard_shrink(x, 0.2) + ops.soft_shrink(x, 0.1) + ops.threshold(x, 0.1, 0.3) + ops.leaky_relu(x, 0.3),
    lambda x: keras.activations.relu(5 * x, negative_slope=0.1, max_value=2.0, threshold=0.3) + keras.activations.relu(9 * x, max_value=6),
    lambda x: ops.glu(x))

# Reductions.
trained("means", (4, 3, 2), lambda x: x - ops.mean(x, axis=[1, 2], keepdims=True) + ops.mean(x, axis=-1, keepdims=True))
trained("reductions and products", (4, 3),
    lambda x: ops.sum(x, axis=1) + ops.max(x, axis=1) - ops.min(x, axis=1) + ops.prod(x, axis=1),
    lambda x: ops.var(x, axis=1) + ops.std(x, axis=1) + ops.logsumexp(x, axis=1) + ops.norm(x, axis=1),
    lambda x: ops.normalize(x, axis=-1),
    lambda x: ops.pad(x, [[0, 0], [1, 2], [0, 0]]),
    lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
    lambda x: ops.einsum("bij->bj", x),
    lambda x: x[:, None, ..., 1:] + ops.expand_dims(x, 2)[..., :2],
    lambda x: ops.einsum("bij,bkj->bik", x, x[:, :2]))
computed("largest", (4, 3), lambda x: ops.one_hot(ops.argmax(x, axis=1), 4), train=False)

# Shapes.
trained("reversed", (4, 4, 3), lambda x: x[..., ::-1] + x[:, ::-1] - ops.flip(x, axis=2))
trained("items", (5, 4, 3), lambda x: ops.concatenate([x[:, 0], x[:, -1], x[:, 1:4:2, 2][:, ::-1]], axis=1))
trained("one of each", (5, 3), lambda x: ops.squeeze(x[:, 2:3], 1) + x[:, -2])
trained("shapes", (4, 6),
    lambda x: ops.reshape(ops.transpose(ops.reshape(x, (-1, 4, 2, 3)), (0, 3, 1, 2)), (-1, 24)),
    lambda x: ops.concatenate(ops.split(x, 3, axis=-1)[::2], axis=1),
    lambda x: ops.stack([ops.split(x, [2, 4], axis=-1)[1], x[..., :2]], axis=1))
trained("axes", (2, 3, 4), lambda x: ops.swapaxes(x, 1, 2)[:, :2, :, :3] + ops.moveaxis(x, 3, 1)[:, :2, :1, :3])
trained("repeated", (2, 3), lambda x: ops.repeat(x, 2, axis=1) + ops.tile(x, (1, 2, 1)))

# Products and pictures.
trained("pixels and depth", (2, 3, 8), lambda x: ops.nn.space_to_depth(ops.nn.depth_to_space(x, 2)[:, :, :4], 2))
trained("resized", (4, 4, 2), lambda x: ops.image.resize(x, (6, 3)))

# What preprocess_input leaves.
for m in [mobilenet, vgg16, densenet]:
    computed("preprocess_input of " + m.__name__.split(".")[-1], (4, 4, 3), lambda x: L.Conv2D(2, 3)(m.preprocess_input(x) / 100), x=255 * np.abs(real(7, 4, 4, 3)))

# Beside masks, which Keras writes as operations of the same names.
def masked(x):
    y = L.LSTM(4, return_sequences=True)(L.Masking()(x))
    return L.LSTM(2)(ops.concatenate([y, ops.expand_dims(ops.mean(x, -1), -1)], axis=-1))
computed("beside masks", (5, 3), masked)

# Types: what Keras can compute of numbers of a type, and sums of it, which wrap around in narrow ones.
one_operand = """abs ceil copy exp logical_not negative ones_like sign square leaky_relu relu relu6
    all any argmax max mean min prod std sum flip""".split()
two_operands = """add subtract multiply divide floor_divide mod power maximum minimum equal not_equal greater greater_equal
    less less_equal logical_and logical_or arctan2""".split()
arrays = [np.array([1, 2, 3, 4, 5], "uint8"), np.array([1, 2, 3, 4, 5]), np.array([True, False, True, True, False]),
    np.array([0.5, 1, 2, 3, 4], "float32")]
pure = [getattr(ops, name) for name in one_operand]
pure += [lambda x, f=getattr(ops, name), c=c: f(x, c) for name in two_operands for c in [3, 2.0]]
pure += [lambda x, f=f, c=c: f(x, c) for f in [ops.add, ops.mod, ops.maximum, ops.less] for c in [True, -1, *arrays]]
halves = lambda x: ops.cast(x, "float32") / 2
pure += [
    lambda x: ops.clip(x, 1, 3), lambda x: ops.where(x > 2, x, 2.0), lambda x: ops.where(x > 2, x, 7),
    lambda x: ops.where(np.array([True, False, True, False, True]), x, halves(x)),
    lambda x: ops.concatenate([x, halves(x), x > 2], axis=1), lambda x: ops.stack([x, halves(x)]), lambda x: ops.stack([x[0, 0], 2.5]),
    lambda x: ops.one_hot(x % 3, 3, dtype="int32") // 2, lambda x: x + ops.cast(x, "int32"), lambda x: x % 3 + 250,
    lambda x: (x * 2 + 1) // 3 - x, lambda x: (x / 2) ** 2, lambda x: ops.mean(x, axis=-1, keepdims=True) - x,
    lambda x: ops.pad(x, [[0, 0], [1, 1]], constant_values=7)]
products = [lambda x: ops.matmul(x, ops.transpose(x)), lambda x: ops.einsum("bi,ci->bc", x, x)]
def types_of(dtype, pure):
    x = np.array([[1, 1, 200, 255, 3], [7, 100, 128, 5, 250]]).astype(dtype) if dtype != "bool" else np.array([[1, 0, 1, 1, 0]] * 2) > 0
    inputs, outputs = keras.Input((5,), batch_size=2, dtype=dtype), []
    for compute in pure:
        try: found = compute(ops.convert_to_tensor(x)); symbolic = compute(inputs)
        except Exception: continue # Keras computes no such thing of these types
        if symbolic.dtype == "uint32" and compute is ops.prod: continue # refused here
        twice = lambda y: ops.reshape(ops.cast(y if found.dtype == "bool" else y + y, "float32"), (2, -1))
        values = np.array(twice(found)) if np.prod(found.shape) % 2 == 0 else np.full((1,), np.inf)
        if np.isfinite(values).all(): outputs.append(twice(symbolic) / float(max(1, abs(values).max())))
    case(f"types of {dtype}", keras.Model(inputs, ops.concatenate(outputs, axis=1)), x.astype("int32"), train=False)
for dtype in ["int32", "int8", "uint8", "bool"]: types_of(dtype, pure if dtype == "uint8" else pure + products)
inputs = keras.Input((3,), dtype="uint8")
case("narrow product", keras.Model(inputs, ops.matmul(inputs, ops.transpose(inputs))), whole(3, 3), train=False)
case("wide sum", keras.Model(inputs, ops.sum(inputs, axis=-1, keepdims=True) - 5), whole(3, 3, high=255) + 9, train=False)

case("bytes", keras.Sequential([keras.Input((3,), dtype="uint8"), L.Rescaling(1 / 255.0), L.Dense(2)]), whole(3, 3, high=255), train=False)

# Numbers that JSON has no words for.
def attended(x):
    scores = ops.where(np.tri(4) > 0, ops.matmul(x, ops.transpose(x, (0, 2, 1))), -np.inf)
    return ops.matmul(ops.softmax(scores, axis=-1), x) + ops.minimum(x, float("inf")) * ops.clip(x, -np.inf, 0.4)
trained("attention with a mask", (4, 3), attended)
computed("no number", (3,), lambda x: ops.where(ops.equal(x * float("nan"), x), x, -x), train=False)
computed("padded", (3,), lambda x: ops.pad(x, [[0, 0], [1, 1]], constant_values=2.0))

# Unknown here.
inputs = keras.Input((3,))
case("unknown", keras.Model(inputs, ops.sort(inputs)), real(7, 3), train=False)
keras.Model(inputs, ops.sort(inputs)).save(f"{folder}/unknown.h5")
case("wrapping", keras.Model(inputs, ops.cast(inputs, "uint8")), real(7, 3), train=False)

# Layers of Keras' own networks.
trained("layer scale", (4, 3), lambda x: x + LayerScale(0.5, 3)(x))
computed("stochastic depth", (4, 3), lambda x: x + StochasticDepth(0.5)(x), train=False)
trained("custom scale", (4, 3), lambda x: CustomScaleLayer(0.2)([x, L.Dense(3)(x)]))
`;

const names = [
  ...[...program.matchAll(/^(?:trained|computed)\("([^"]*)"/gm)].map(([, name]) => name!),
  ...["mobilenet", "vgg16", "densenet"].map((name) => `preprocess_input of ${name}`),
  ...["int32", "int8", "uint8", "bool"].map((type) => `types of ${type}`),
  "bytes",
];

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

describe("an operation computes and trains as in Keras:", () => {
  for (const [i, name] of names.entries()) {
    // Both engines on every other one.
    const engines = i % 2 === 0 ? (["eager", "graph"] as const) : (["graph"] as const);
    for (const engine of engines) {
      it(`${name}, ${engine}`, () => cases!.compare(name, { engine, tolerance: 3e-5 }));
    }
  }
});

describe("an operation", () => {
  it("that isn't in the table is refused by its name, and leaves nothing behind", async () => {
    const before = tf.memory().numTensors;
    await assert.rejects(cases!.load("unknown"), /operation "sort" \(Sort\) is unknown/);
    assert.equal(tf.memory().numTensors, before);
  });

  it("of an HDF5 file, where it can't be told from a layer, is refused as either", async () => {
    await assert.rejects(
      cases!.load("unknown", ".h5"),
      /"sort\w*" \(Sort\) is neither a layer nor an operation that is known/,
    );
  });

  it("whose result has a type that isn't computed here is refused", async () => {
    await assert.rejects(
      cases!.load("narrow product"),
      /\(Matmul\) is refused: gives uint8\. Supp/,
    );
    await assert.rejects(
      cases!.load("wide sum"),
      /\(Subtract\) is refused: computes in uint32\. Supp/,
    );
  });

  it("and its input have the types in what is saved that they have in Keras' file", async () => {
    const types = async (name: string) => {
      const model = await cases!.load(name);
      const { path: folder } = temporaryFolder();
      await saveModel(model, `${folder}/saved.keras`);
      model.dispose();
      const text = (await readArchive(`${folder}/saved.keras`)).config;
      return new Set([...text.matchAll(/"dtype":"(\w+)"/g)].map(([, type]) => type));
    };
    assert.deepEqual(await types("bytes"), new Set(["uint8"]));
    assert.deepEqual(await types("division of whole numbers"), new Set(["int32", "float32"]));
  });

  it("into a type that wraps around is refused: whole numbers have 32 bits here", async () => {
    await assert.rejects(
      cases!.load("wrapping"),
      /operation "cast\w*" \(Cast\), option dtype, .*uint8/,
    );
  });
});

after(() => cases?.compareSaved());
