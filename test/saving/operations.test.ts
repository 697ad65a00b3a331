/** Operations as layers of Keras' files, against Keras 3.15.1 on TensorFlow 2.21. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { tf } from "../../lib/index";
import { KerasCases } from "../support/kerasCases";

const program = `
from keras.applications import densenet, mobilenet, vgg16
from keras.src.applications.convnext import LayerScale
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

# Unknown here.
inputs = keras.Input((3,))
case("unknown", keras.Model(inputs, ops.sort(inputs)), real(7, 3), train=False)
case("wrapping", keras.Model(inputs, ops.cast(inputs, "uint8")), real(7, 3), train=False)

# Layers of Keras' own networks.
trained("layer scale", (4, 3), lambda x: x + LayerScale(0.5, 3)(x))
trained("custom scale", (4, 3), lambda x: CustomScaleLayer(0.2)([x, L.Dense(3)(x)]))
`;

const names = [
  ...[...program.matchAll(/^(?:trained|computed)\("([^"]*)"/gm)].map(([, name]) => name!),
  ...["mobilenet", "vgg16", "densenet"].map((name) => `preprocess_input of ${name}`),
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

  it("into a type that wraps around is refused: whole numbers have 32 bits here", async () => {
    await assert.rejects(
      cases!.load("wrapping"),
      /operation "cast\w*" \(Cast\), option dtype, .*uint8/,
    );
  });
});

after(() => cases?.compareSaved());
