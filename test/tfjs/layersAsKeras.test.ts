/** Layers that tfjs 4.22 computes otherwise than Keras, or not at all, against Keras 3.15.1 on TensorFlow 2.21. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { trace } from "../../lib/graph";
import { layers, predict, tf } from "../../lib/index";
import { useNativeKernels } from "../../lib/tfjs";
import { KerasCases } from "../support/kerasCases";
import { leavesNoTensors } from "../support/tensors";

const program = `
def plain(name, shape, *layers, dtype="float32", x=None, **options):
    model = keras.Sequential([keras.Input(shape, dtype=dtype), *layers])
    case(name, model, real(7, *shape) if x is None else x, **options)

def functional(name, shape, *layers, dtype="float32", x=None, **options):
    inputs = outputs = keras.Input(shape, dtype=dtype)
    for layer in layers: outputs = layer(outputs)
    case(name, keras.Model(inputs, outputs), real(7, *shape) if x is None else x, **options)

# Whole numbers.
plain("integer embedding", (6,), L.Embedding(5, 3), L.Flatten(), L.Dense(2), dtype="int32", x=whole(7, 6))
plain("int64 embedding", (6,), L.Embedding(5, 3, mask_zero=True), L.LSTM(2), dtype="int64", x=whole(7, 6))
functional("integer embedding, functional", (6,), L.Embedding(5, 3), L.GlobalAveragePooling1D(), dtype="int32", x=whole(7, 6))
plain("integer normalization", (4, 4, 2), L.BatchNormalization(), L.Flatten(), L.Dense(1), dtype="int32", x=whole(7, 4, 4, 2))
functional("integer normalization, functional", (5,), L.BatchNormalization(), L.Dense(1), dtype="int32", x=whole(7, 5))
plain("integer resizing", (4, 5, 3), L.Resizing(7, 3), L.Rescaling(1 / 255), L.Conv2D(2, 2), dtype="uint8", x=whole(7, 4, 5, 3, high=256), eager=False)
plain("integer bicubic", (4, 5, 1), L.Resizing(9, 9, interpolation="bicubic"), L.Rescaling(1 / 255), dtype="uint8", x=255 * whole(7, 4, 5, 1, high=2), train=False, eager=False)
plain("integer crop", (4, 5, 3), L.CenterCrop(6, 3), L.Flatten(), L.Rescaling(1 / 255), L.Dense(1), dtype="uint8", x=whole(7, 4, 5, 3, high=256), eager=False)
functional("integer resizing, functional", (4, 5, 3), L.Resizing(3, 3), L.Rescaling(1 / 255), L.Flatten(), L.Dense(1), dtype="int32", x=whole(7, 4, 5, 3, high=256), eager=False)
plain("integer rescaling", (5,), L.Rescaling(0.1, 1), L.Dense(2), dtype="int32", x=whole(7, 5))

# Normalization.
plain("normalization on axis 1", (4, 5, 3), L.BatchNormalization(axis=1), L.Flatten(), L.Dense(1))
plain("normalization on axis 1 of sequences", (4, 5), L.BatchNormalization(axis=1), L.Flatten(), L.Dense(1))
plain("normalization on axis -2", (4, 5, 3), L.BatchNormalization(axis=-2, scale=False), L.Flatten(), L.Dense(1))
plain("normalization of volumes", (2, 3, 4, 2), L.BatchNormalization(), L.Flatten(), L.Dense(1))
plain("normalization of volumes on axis 1", (2, 3, 4, 2), L.BatchNormalization(axis=1, center=False), L.Flatten(), L.Dense(1))

# Shapes.
plain("flatten of vectors", (5,), L.Flatten(), L.Dense(2))
plain("reshape and flatten", (4, 6), L.Reshape((-1, 3)), L.Flatten(), L.Dense(2))
plain("reshape in between", (4, 6), L.Reshape((2, -1, 3)), L.Conv2D(2, 1), L.Reshape((-1,)), L.Dense(2))
plain("reshape to one", (6,), L.Reshape((-1, 1)), L.Conv1D(2, 2), L.Flatten())
plain("softmax on axis 1", (4, 3), L.Softmax(axis=1), L.Flatten(), L.Dense(2))
plain("softmax on axis -2", (4, 3, 2), L.Softmax(axis=-2), L.Flatten(), L.Dense(2))
plain("softmax on two axes", (4, 3), L.Softmax(axis=(1, 2)), L.Flatten(), L.Dense(2))
plain("softmax on the last axis", (4, 3), L.Dense(3), L.Softmax())

# Clipped at 6: weights up to 0.7 times inputs up to 6 reach both ends.
plain("relu with a maximum of 6", (5,), L.Rescaling(6.0), L.Dense(4), L.ReLU(6.0), L.Dense(2))
plain("relu6 as activation", (5,), L.Rescaling(6.0), L.Dense(4, activation="relu6"), L.Dense(2))
plain("relu with another maximum", (5,), L.Dense(4), L.ReLU(0.5), L.Dense(2))

plain("relu with all options", (5,), L.Rescaling(6.0), L.Dense(4), L.ReLU(2.0, 0.1, 0.3), L.Dense(2))
plain("relu with a slope", (5,), L.Dense(4), L.ReLU(negative_slope=0.2), L.Identity(), L.Dense(2))
plain("elu with another alpha", (5,), L.Dense(4), L.ELU(0.5), L.Dense(2))

# In groups.
plain("convolution in groups", (5, 6, 4), L.Conv2D(6, 3, groups=2, activation="softmax", padding="same"), L.Flatten(), L.Dense(1))
plain("convolution of each channel", (6, 6, 3), L.Conv2D(6, 3, strides=2, groups=3), L.Flatten(), L.Dense(1))
plain("convolution with gaps of each channel", (6, 6, 3), L.Conv2D(3, 2, dilation_rate=2, groups=3, use_bias=False), L.Flatten(), L.Dense(1))
plain("convolution of sequences in groups", (6, 4), L.Conv1D(4, 2, groups=2), L.Conv1D(8, 3, groups=4, padding="same"), L.Flatten(), L.Dense(1))
plain("causal convolution in groups", (6, 4), L.Conv1D(4, 2, groups=2, padding="causal"), L.Flatten(), L.Dense(1))
plain("convolution of volumes in groups", (3, 4, 3, 4), L.Conv3D(4, 2, groups=2), L.Flatten(), L.Dense(1))
plain("group normalization", (3, 4, 4), L.Dense(4), L.GroupNormalization(2), L.Flatten(), L.Dense(1))
plain("group normalization on axis 1", (4, 3), L.Dense(3), L.GroupNormalization(-1, axis=1, epsilon=0.1, scale=False), L.Flatten(), L.Dense(1))
plain("rms and unit normalization", (4, 3), L.Dense(3), L.RMSNormalization(), L.UnitNormalization(), L.UnitNormalization(axis=[1, 2]), L.Flatten(), L.Dense(1))

# Global pooling.
plain("pooling that keeps axes", (4, 4, 3), L.Conv2D(3, 2), L.GlobalAveragePooling2D(keepdims=True), L.Conv2D(2, 1), L.Flatten())
plain("largest that keep axes", (4, 5, 3), L.Conv2D(3, 2), L.GlobalMaxPooling2D(keepdims=True), L.Conv2D(2, 1), L.Flatten())
plain("pooling of sequences that keeps axes", (4, 3), L.Masking(), L.LSTM(3, return_sequences=True), L.GlobalAveragePooling1D(keepdims=True), L.Flatten(), L.Dense(1))
plain("pooling of volumes", (3, 4, 3, 2), L.Conv3D(3, 2), L.GlobalAveragePooling3D(), L.Dense(1))
plain("largest of volumes", (3, 4, 3, 2), L.Conv3D(3, 2), L.GlobalMaxPooling3D(keepdims=True), L.Flatten(), L.Dense(1))

# Activity regularizers.
plain("activity of dense", (5,), L.Dense(4, activation="relu", activity_regularizer="l1"), L.Dense(1, activity_regularizer=keras.regularizers.L2(0.3)))
plain("activity of convolutions", (5, 5, 2), L.Conv2D(3, 2, activity_regularizer=keras.regularizers.L1L2(0.1, 0.2)), L.DepthwiseConv2D(2, activity_regularizer="l2"), L.Flatten(), L.Dense(1))
plain("activity of sequences", (6,), L.Embedding(5, 3, activity_regularizer="l2"), L.LSTM(3, activity_regularizer="l1", return_sequences=True), L.GRU(2, activity_regularizer="l2"), x=whole(7, 6), dtype="int32")
plain("activity before a softmax", (5,), L.Dense(3, activation="softmax", activity_regularizer=keras.regularizers.L2(0.5)), y=whole(7, high=3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])

# A model in a model.
inner = keras.Sequential([keras.Input((6,), dtype="int32"), L.Embedding(5, 3, mask_zero=True), L.LSTM(3, return_sequences=True)])
plain("masked embedding in a model", (6,), inner, L.GRU(2), dtype="int32", x=whole(7, 6))
inner = keras.Sequential([keras.Input((6,), dtype="int32"), L.Embedding(5, 3, mask_zero=True), L.LSTM(3)])
functional("masked embedding in a model, functional", (6,), inner, L.Dense(2), dtype="int32", x=whole(7, 6))

# Joined.
def joined(name, axis, *shapes):
    inputs = [keras.Input(s) for s in shapes]
    outputs = L.Dense(2)(L.Flatten()(L.Concatenate(axis=axis)(inputs)))
    case(name, keras.Model(inputs, outputs), [real(7, *s) for s in shapes])

a, b = keras.Input((3,)), keras.Input((3,))
case("difference", keras.Model([a, b], L.Subtract()([L.Dense(2)(a), L.Dense(2)(b)])), [real(7, 3), real(7, 3)])
joined("concatenate on axis -2", -2, (2, 3), (4, 3))
joined("concatenate on axis -3", -3, (2, 3, 2), (1, 3, 2))
joined("concatenate on axis -1", -1, (2, 3), (2, 1))
joined("concatenate on axis 2", 2, (2, 3, 1), (2, 2, 1))
`;

const names = [...program.matchAll(/(?:plain|functional|joined|case)\("([^"]*)"/g)].map(
  ([, name]) => name!,
);

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

describe("a layer computes and trains as in Keras:", () => {
  for (const name of names) {
    for (const engine of ["eager", "graph"] as const) {
      it(`${name}, ${engine}`, () => cases!.compare(name, { engine }));
    }
  }
});

describe("a layer made here", () => {
  it("takes Softmax along the last axis where none is given, as Keras does", () => {
    leavesNoTensors(() => {
      tf.tidy(() => {
        const input = tf.tensor([1, 2, 3, 4, 5, 6], [1, 2, 3]);
        const output = tf.layers.softmax().apply(input) as Tensor;
        const expected = tf.softmax(input);
        assert.deepEqual(output.dataSync(), expected.dataSync());
      });
    });
  });

  it("gives what a mask leaves out no share of a Softmax, and refuses a mask of other sides", () => {
    leavesNoTensors(() => {
      tf.tidy(() => {
        const layer = tf.layers.softmax();
        const input = tf.tensor([1, 2, 5, 3, 3, 7], [1, 2, 3]);
        const share = Math.E / (1 + Math.E);
        const expected = [1 - share, share, 0, 0.5, 0.5, 0];
        const rows = tf.tensor([1, 1, 0, 1, 1, 0], [1, 2, 3], "bool");
        const column = tf.tensor([1, 1, 0], [1, 1, 3], "bool");
        for (const mask of [rows, column, tf.cast(column, "float32")]) {
          const output = layer.apply(input, { mask }) as Tensor;
          const shares = [...output.dataSync()];
          assert.ok(
            shares.every((each, i) => Math.abs(each - expected[i]!) < 1e-6),
            `${shares}`,
          );
        }
        const ofSteps = tf.ones([1, 2], "bool");
        assert.throws(
          () => layer.apply(input, { mask: ofSteps }),
          /`mask` must be of sides that are 1 or the input's, \[1,2,3\], .* Received: mask=\[1,2\]/,
        );
      });
    });
  });

  for (const [name, make] of Object.entries({
    "ReLU with a maximum of 6": () => tf.layers.reLU({ maxValue: 6 }),
    "the activation relu6": () => tf.layers.activation({ activation: "relu6" }),
  })) {
    it(`takes one op of TensorFlow's for ${name}, whose gradient is 0 at 0 and at 6`, () => {
      useNativeKernels();
      leavesNoTensors(() => {
        tf.tidy(() => {
          const layer = make();
          const input = tf.tensor1d([-1, 0, 3, 6, 7]);
          const slope = tf.grad((x) => tf.sum(layer.apply(x) as Tensor));
          assert.deepEqual([...(layer.apply(input) as Tensor).dataSync()], [0, 0, 3, 6, 6]);
          assert.deepEqual([...slope(input).dataSync()], [0, 0, 1, 0, 0]);
          const { ops } = trace(() => [slope(input)], { inputs: { input } });
          const names = ops.map(({ name }) => name).filter((op) => /Relu|imum/.test(op));
          assert.deepEqual(names, ["Relu6", "Relu6Grad"]);
        });
      });
    });
  }

  it("with renorm has Keras' bounds of its settings", () => {
    const made = (options: object) => () =>
      tf.layers.batchNormalization({ renorm: true, ...options } as object);
    const settings: [object, RegExp][] = [
      [{ renormClipping: { rmax: 1, rmin: 2 } }, /`renormClipping\.rmax` must be .*2/],
      [{ renormClipping: { dmax: -1 } }, /`renormClipping\.dmax` must be/],
      [{ renormClipping: { rmax: "a" } }, /`renormClipping\.rmax` must be a number/],
      [{ renormClipping: { foo: 1 } }, /renormClipping has no option `foo`/],
      [{ renormClipping: 5 }, /renormClipping takes its options as an object/],
      [{ renormMomentum: 2 }, /`renormMomentum` must be/],
      [{ renorm: "yes" }, /`renorm` must be true or false/],
    ];
    for (const [options, message] of settings) assert.throws(made(options), message);
    assert.doesNotThrow(
      made({ renormClipping: { rmax: 2, rmin: 0.5, dmax: 1 }, renormMomentum: 0.5 }),
    );
  });

  it("may have an activity regularizer, which predictions don't notice", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 1,
          inputShape: [2],
          activityRegularizer: "l1l2",
          kernelInitializer: "ones",
        }),
      ],
    });
    const input = tf.tensor([[1, 2]]);
    const output = (await predict(model, input, { verbose: 0 })) as Tensor;
    assert.deepEqual([...output.dataSync()], [3]);
    tf.dispose([input, output]);
    model.dispose();
  });

  it("resizes whole numbers to whole numbers outside of a model", () => {
    leavesNoTensors(() => {
      tf.tidy(() => {
        const input = tf.tensor([0, 255], [1, 2, 1, 1], "int32");
        const output = layers.resizing({ height: 4, width: 1 }).apply(input) as Tensor;
        assert.equal(output.dtype, "int32");
        assert.deepEqual([...output.dataSync()], [0, 64, 191, 255]);
      });
    });
  });
});

after(() => cases?.compareSaved());

it("a category encoding leaves the shape of its input as it was", () => {
  const input = tf.input({ shape: [4] });
  const output = tf.layers.categoryEncoding({ numTokens: 5, outputMode: "multiHot" }).apply(input);
  assert.deepEqual(
    [input.shape, output.shape],
    [
      [null, 4],
      [null, 5],
    ],
  );
});
