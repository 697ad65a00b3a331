/** Convolutions, and layers of sequences and volumes, against Keras 3.15.1 on TensorFlow 2.21. */
import { after, before, describe, it } from "node:test";
import { KerasCases } from "../support/kerasCases";

const program = `
def plain(name, shape, *layers, **options):
    case(name, keras.Sequential([keras.Input(shape), *layers]), real(7, *shape), **options)

steps, image, volume = (6, 3), (4, 5, 3), (3, 4, 3, 2)
first = dict(data_format="channels_first")

# Longer and shorter. Channels first: Keras adds a bias to the last axis where that has as many places as filters.
plain("sequences", steps, L.Conv1D(2, 2), L.ZeroPadding1D(), L.ZeroPadding1D((2, 0)), L.UpSampling1D(3), L.Cropping1D(), L.Cropping1D((0, 2)), L.UpSampling1D(), L.Conv1D(2, 2))
plain("volumes", volume, L.Conv3D(2, 2), L.ZeroPadding3D(), L.ZeroPadding3D((1, 0, 2)), L.ZeroPadding3D(((0, 1), (1, 0), (0, 0))), L.SpatialDropout3D(0), L.UpSampling3D((1, 2, 3)),
    L.Cropping3D(), L.Cropping3D((1, 0, 2)), L.Cropping3D(((0, 0), (1, 0), (0, 1))), L.Conv3D(1, 2))
plain("sequences, channels first", (3, 4), L.ZeroPadding1D((1, 2), **first), L.DepthwiseConv1D(2, dilation_rate=2, depth_multiplier=2, **first), L.SeparableConv1D(3, 3, strides=2, activation="softmax", **first))
plain("volumes, channels first", (2, 3, 4, 3), L.ZeroPadding3D((1, 0, (0, 2)), **first), L.UpSampling3D((1, 2, 1), **first), L.Cropping3D((0, 1, (1, 0)), **first), L.SpatialDropout3D(0, **first), L.Permute((2, 3, 4, 1)), L.Conv3D(1, 2))
plain("enlarged", image, L.Conv2D(2, 1), *[L.UpSampling2D(size, interpolation=i) for size, i in [((1, 2), "nearest"), (2, "bicubic"), ((2, 1), "lanczos3"), ((1, 2), "lanczos5")]], L.Conv2D(1, 2))
plain("enlarged, channels first", (3, 6, 5), L.SeparableConv2D(2, 2, activation="softmax", pointwise_initializer="ones", **first), L.SeparableConv2D(2, 2, dilation_rate=2, padding="same", depth_multiplier=2, **first),
    L.UpSampling2D(2, interpolation="bicubic", **first), L.UpSampling2D((1, 2), interpolation="bilinear", **first), L.SpatialDropout2D(0, **first))
plain("masks end here", (4, 3), L.Masking(), L.ZeroPadding1D(), L.GlobalAveragePooling1D(), L.Dense(2))

# Transposed.
plain("autoencoder of sequences", (12, 2), L.Conv1D(3, 3, strides=2, padding="same", activation="relu"), L.Conv1DTranspose(4, 3, activation="relu"), L.Conv1DTranspose(3, 3, strides=2, padding="same"),
    L.Conv1DTranspose(2, 2, strides=3, use_bias=False), L.Conv1DTranspose(4, 3, strides=2, output_padding=1), L.Conv1DTranspose(2, 3, strides=2, padding="same", output_padding=0), L.Conv1DTranspose(1, 4, strides=2, padding="same", output_padding=1))
plain("transposed pictures with a size", image, L.Conv2DTranspose(4, 3, strides=2, output_padding=(1, 0), activation="tanh"), L.Conv2DTranspose(2, (3, 5), strides=(2, 3), padding="same", output_padding=(0, 2)))
plain("transposed volumes", (2, 2, 3, 2), L.Conv3DTranspose(2, 3, strides=(2, 2, 3), padding="same", output_padding=(0, 1, 2)), L.Conv3DTranspose(2, 2, strides=2, output_padding=1, activation="relu"), L.Conv3DTranspose(1, 3, padding="same", use_bias=False))

# Each channel by itself.
plain("each channel", (12, 3), L.DepthwiseConv1D(3, depth_multiplier=2, activation="relu"), L.DepthwiseConv1D(2, strides=2, padding="same", use_bias=False), L.DepthwiseConv1D(2, dilation_rate=3), L.DepthwiseConv1D(3, dilation_rate=2, strides=2, padding="same", depthwise_regularizer="l2"))
plain("separable", (12, 3), L.SeparableConv1D(4, 3, depth_multiplier=2, activation="relu"), L.SeparableConv1D(2, 2, strides=2, padding="same", use_bias=False, pointwise_initializer="ones"), L.SeparableConv1D(4, 2, dilation_rate=3), L.SeparableConv1D(2, 3, dilation_rate=2, strides=2, padding="same"))

# Shapes.
plain("reshaped", (4, 6), L.Dense(3), L.Reshape((None, 2, 3)), L.Dense(2), L.Reshape((8,)), L.Dense(1), L.Reshape(()), L.Reshape((-1, 1)), L.Dense(2))
i = keras.Input((None, 4))
case("reshaped of any length", keras.Model(i, L.Conv1D(2, 1)(L.Reshape((-1, 2))(L.Dense(4)(i)))), real(7, 3, 4))

# Nets.
def unet():
    i = keras.Input((4, 8, 4, 1))
    a = L.Conv3D(2, 3, padding="same", activation="relu")(i)
    b = L.BatchNormalization()(L.Conv3D(3, 3, padding="same")(L.MaxPooling3D(2)(a)))
    c = L.Conv3D(3, 3, padding="same", dilation_rate=2, activation="relu")(L.MaxPooling3D((1, 2, 1))(L.SpatialDropout3D(0.0)(b)))
    d = L.Concatenate()([L.UpSampling3D((1, 2, 1))(c), b])
    e = L.Concatenate()([L.Conv3DTranspose(2, 2, strides=2, padding="same")(d), a])
    return keras.Model(i, L.Conv3D(1, 1, activation="sigmoid")(e))
case("U-Net of volumes", unet(), real(7, 4, 8, 4, 1), whole(7, 4, 8, 4, 1, high=2).astype("float32"), loss="binary_crossentropy", metrics=["accuracy"])

def wavenet():
    i = keras.Input((12, 2))
    x, skips = L.Conv1D(3, 1)(i), []
    for rate in [1, 2, 4]:
        y = L.Multiply()([L.Conv1D(3, 2, padding="causal", dilation_rate=rate, activation=a)(x) for a in ["tanh", "sigmoid"]])
        y = L.Conv1D(3, 1)(y)
        skips.append(y)
        x = L.Add()([x, y])
    return keras.Model(i, L.Conv1D(2, 1)(L.ReLU()(L.Add()(skips))))
case("WaveNet", wavenet(), real(7, 12, 2))
`;

const names = [...program.matchAll(/^ *(?:plain|case)\("([^"]*)",/gm)].map(([, name]) => name!);

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

describe("a layer computes and trains as in Keras:", () => {
  for (const [i, name] of names.entries()) {
    // Both engines on every other one.
    const engines = i % 2 === 0 ? (["eager", "graph"] as const) : (["graph"] as const);
    for (const engine of engines) it(`${name}, ${engine}`, () => cases!.compare(name, { engine }));
  }
});

after(() => cases?.compareSaved());
