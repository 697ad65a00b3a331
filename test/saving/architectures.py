"""The models of the matrix test, one small function each.

A function returns the model and the shapes of its inputs (without the batch axis; an "int:<n>" entry is a
sequence of whole numbers below n), compiled as its row of the matrix says.
"""

import keras
from keras import layers

ROWS = {}


def row(optimizer, loss="mse", metrics=None, random=False, constrained=False, hdf5=True):
    """Registers a row; `random` rows don't repeat while they train, `constrained` ones do so in Python
    only; Keras itself can't write a row without `hdf5` as `.h5`."""

    def register(build):
        ROWS[build.__name__] = dict(
            build=build,
            optimizer=optimizer,
            loss=loss,
            metrics=metrics,
            random=random,
            constrained=constrained,
            hdf5=hdf5,
        )
        return build

    return register


@row(lambda: keras.optimizers.RMSprop(1e-3), "sparse_categorical_crossentropy", ["accuracy"])
def mnist_convnet():
    inputs = keras.Input((12, 12, 1))
    x = layers.Conv2D(4, 3, activation="relu")(inputs)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(6, 3, activation="relu")(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x)), [(12, 12, 1)]


@row(lambda: keras.optimizers.RMSprop(1e-3, momentum=0.9), "binary_crossentropy", ["accuracy"])
def convnet_from_scratch():
    inputs = keras.Input((16, 16, 3))
    x = layers.Rescaling(1.0 / 255, offset=-0.5)(inputs)
    for filters in (4, 8):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x)), [(16, 16, 3)]


@row(lambda: keras.optimizers.RMSprop(1e-3), "binary_crossentropy", ["accuracy"], random=True, hdf5=False)
def augmented_convnet():
    augmentation = keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1),
            layers.RandomZoom(0.2),
            layers.RandomTranslation(0.1, (-0.2, 0.1), fill_mode="constant", fill_value=3.0),
            layers.RandomContrast(0.2, value_range=(0, 1)),
            layers.RandomBrightness(0.1, value_range=(0, 1), seed=5),
        ],
        name="augmentation",
    )
    inputs = keras.Input((12, 12, 3))
    x = layers.Rescaling(1.0 / 255)(augmentation(inputs))
    x = layers.SpatialDropout2D(0.1)(layers.Conv2D(4, 3, activation="relu")(x))
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x)), [(12, 12, 3)]


@row(lambda: keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", ["accuracy"], random=True, hdf5=False)
def strongly_augmented_convnet():
    model = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.RandomShear(x_factor=(0.0, 0.2)),
            layers.RandomColorJitter(brightness_factor=0.2, contrast_factor=0.3, hue_factor=0.1, seed=2),
            layers.RandomGaussianBlur(0.5, sigma=(0.2, 0.9)),
            layers.RandomErasing(0.4, fill_value=0.0),
            layers.RandAugment(num_ops=1, factor=0.3),
            layers.Pipeline([layers.RandomGrayscale(0.2), layers.RandomSharpness((0.4, 0.8))]),
            layers.Rescaling(1.0 / 255),
            layers.Conv2D(4, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    return model, [(12, 12, 3)]


@row(lambda: keras.optimizers.Nadam(1e-3, clipnorm=1.0))
def preprocessing():
    normalization = layers.Normalization(axis=-1)
    normalization.build((None, 8, 8, 2))
    normalization.adapt_mean.assign([0.5, -0.5])
    normalization.adapt_variance.assign([2.0, 0.25])
    normalization.finalize_state()
    inputs = keras.Input((12, 10, 2))
    x = layers.Resizing(9, 9)(inputs)
    x = layers.CenterCrop(8, 8)(x)
    x = normalization(x)
    x = layers.Normalization(mean=1.0, variance=4.0)(x)
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(x))), [(12, 10, 2)]


@row(lambda: keras.optimizers.Adam(1e-3), "binary_crossentropy", ["binary_accuracy"])
def frozen_base():
    base = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
        ],
        name="base",
    )
    base.trainable = False
    inputs = keras.Input((8, 8, 3))
    x = base(inputs, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(4, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x)), [(8, 8, 3)]


@row(lambda: keras.optimizers.Adam(1e-3), "categorical_crossentropy", ["categorical_accuracy"])
def partly_frozen_functional_base():
    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(3, 3, name="early")(inputs)
    x = layers.Conv2D(3, 3, name="late")(x)
    base = keras.Model(inputs, x, name="features")
    base.get_layer("early").trainable = False
    outer = keras.Input((8, 8, 2))
    x = layers.Flatten()(base(outer))
    return keras.Model(outer, layers.Dense(3, activation="softmax")(x)), [(8, 8, 2)]


@row(lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True), "mae", ["mse"])
def plain_sequential():
    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(8, activation="tanh"), layers.Dense(2)], name="plain"
    )
    return model, [(5,)]


@row(lambda: keras.optimizers.AdamW(1e-3, weight_decay=0.01, amsgrad=True))
def residual():
    inputs = keras.Input((8, 8, 4))
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ReLU(max_value=6)(x)
    x = layers.Conv2D(4, 3, padding="same")(x)
    x = layers.Add()([inputs, x])
    x = layers.Activation("relu")(x)
    return keras.Model(inputs, layers.GlobalMaxPooling2D()(x)), [(8, 8, 4)]


@row(lambda: keras.optimizers.SGD(0.01))
def inception():
    inputs = keras.Input((8, 8, 3))
    a = layers.Conv2D(2, 1, activation="relu")(inputs)
    b = layers.Conv2D(2, 3, dilation_rate=2, padding="same", trainable=False)(inputs)
    c = layers.AveragePooling2D(3, strides=1, padding="same")(inputs)
    c = layers.Conv2D(2, 1)(c)
    x = layers.Concatenate()([c, a, b])
    x = layers.Conv2D(3, 3, strides=2)(x)
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(x)), [(8, 8, 3)]


@row(lambda: keras.optimizers.Adam(1e-3), constrained=True)
def separable_and_depthwise():
    inputs = keras.Input((8, 8, 3))
    x = layers.SeparableConv2D(5, 3, depth_multiplier=2, padding="same", activation="relu")(inputs)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, depthwise_constraint="non_neg")(x)
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(x)), [(8, 8, 3)]


@row(lambda: keras.optimizers.Adagrad(0.01))
def autoencoder():
    inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(3, 3, strides=2, padding="same", activation="elu")(inputs)
    x = layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="selu")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.MaxPooling2D(2)(x)
    return keras.Model(inputs, layers.Conv2DTranspose(1, 3, padding="same")(x)), [(8, 8, 1)]


@row(lambda: keras.optimizers.Adamax(0.01), "binary_crossentropy", ["accuracy"])
def conv1d():
    inputs = keras.Input((20, 3))
    x = layers.Conv1D(4, 3, padding="causal", dilation_rate=2, trainable=False)(inputs)
    x = layers.Conv1D(4, 3, padding="causal", strides=2, activation="relu")(x)
    x = layers.MaxPooling1D(2)(x)
    x = layers.AveragePooling1D(2, padding="same")(x)
    x = layers.UpSampling1D(3)(layers.ZeroPadding1D((1, 0))(x))
    x = layers.DepthwiseConv1D(2, depth_multiplier=2)(layers.Cropping1D((0, 1))(x))
    x = layers.Conv1DTranspose(3, 2, strides=2, output_padding=1)(x)
    x = layers.SeparableConv1D(4, 3, padding="same")(x)
    x = layers.GlobalMaxPooling1D()(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x)), [(20, 3)]


@row(lambda: keras.optimizers.SGD(0.01))
def conv3d():
    inputs = keras.Input((6, 6, 6, 1))
    x = layers.Conv3D(2, 2, activation="relu")(inputs)
    x = layers.MaxPooling3D(2)(x)
    x = layers.AveragePooling3D(2, padding="same")(x)
    x = layers.UpSampling3D((1, 2, 1))(layers.ZeroPadding3D(((1, 0), (0, 0), (0, 1)))(x))
    x = layers.Conv3DTranspose(2, 2, strides=2, output_padding=(0, 1, 0))(layers.Cropping3D(((0, 1), (1, 0), (0, 0)))(x))
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(x))), [(6, 6, 6, 1)]


@row(lambda: keras.optimizers.SGD(0.1), "binary_crossentropy", ["accuracy"])
def masked_embedding_lstm():
    inputs = keras.Input((7,))
    x = layers.Embedding(10, 4, mask_zero=True)(inputs)
    x = layers.LSTM(5)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x)), ["int:10", (7,)]


@row(lambda: keras.optimizers.Adam(0.01))
def gru_both_ways():
    inputs = keras.Input((6, 3))
    x = layers.GRU(4, return_sequences=True)(inputs)
    x = layers.GRU(4, reset_after=False, return_sequences=True, use_bias=False)(x)
    return keras.Model(inputs, layers.GRU(3, go_backwards=True, activation="relu")(x)), [(6, 3)]


@row(lambda: keras.optimizers.RMSprop(1e-3))
def simple_rnn_and_time_distributed():
    inputs = keras.Input((6, 3))
    x = layers.SimpleRNN(4, return_sequences=True, unroll=True)(inputs)
    x = layers.TimeDistributed(layers.Dense(3, activation="sigmoid"))(x)
    x = layers.SimpleRNN(3)(x)
    x = layers.RepeatVector(4)(x)
    return keras.Model(inputs, layers.LSTM(2, return_sequences=True)(x)), [(6, 3)]


@row(lambda: keras.optimizers.Adam(0.01))
def bidirectional():
    inputs = keras.Input((6, 3))
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(inputs)
    x = layers.Bidirectional(layers.GRU(3), merge_mode="sum")(x)
    return keras.Model(inputs, layers.Dense(2)(x)), [(6, 3)]


@row(lambda: keras.optimizers.SGD(0.01))
def activations():
    inputs = x = keras.Input((6,))
    names = "softplus softsign selu relu6 hard_sigmoid silu gelu mish hard_silu exponential".split()
    for name in [*names, "log_softmax", "leaky_relu", "linear", "elu", "softmax"]:
        x = layers.Dense(6, activation=name)(x)
    x = layers.LeakyReLU(negative_slope=0.1)(x)
    x = layers.PReLU(alpha_initializer="ones")(x)
    x = layers.ELU()(x)
    return keras.Model(inputs, layers.Softmax()(x)), [(6,)]


@row(lambda: keras.optimizers.Adadelta(0.5))
def shapes():
    inputs = keras.Input((6, 8, 2))
    x = layers.ZeroPadding2D(((1, 0), (2, 1)))(inputs)
    x = layers.Cropping2D(((0, 1), (1, 2)))(x)
    x = layers.Permute((2, 1, 3))(x)
    x = layers.Reshape((-1, 4))(x)
    x = layers.Conv1D(2, 3)(x)
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, x), [(6, 8, 2)]


@row(lambda: keras.optimizers.SGD(0.01), constrained=True)
def regularized():
    inputs = keras.Input((5,))
    x = layers.Dense(
        4,
        kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_avg", "uniform", seed=3),
        bias_initializer=keras.initializers.Constant(0.1),
        kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
        bias_regularizer="l2",
        kernel_constraint=keras.constraints.MinMaxNorm(0.1, 0.9),
    )(inputs)
    x = layers.Dense(
        3,
        kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.L1(0.01),
        kernel_constraint=keras.constraints.MaxNorm(1.5),
        bias_constraint="non_neg",
    )(x)
    x = layers.Dense(3, kernel_initializer="orthogonal", kernel_constraint="unit_norm")(x)
    return keras.Model(inputs, x), [(5,)]


@row(
    lambda: keras.optimizers.Adam(0.01),
    {"main": "mse", "aside": "mae"},
    {"main": ["mae"], "aside": ["mse"]},
)
def two_inputs_two_outputs():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    x = layers.Concatenate()([layers.Dense(3)(a), layers.Dense(3)(b)])
    outputs = [layers.Dense(2, name="main")(x), layers.Dense(1, name="aside")(x)]
    return keras.Model([a, b], outputs), [(4,), (3,)]


@row(lambda: keras.optimizers.SGD(0.01))
def merging():
    inputs = keras.Input((4,))
    a, b, c = (layers.Dense(4)(inputs) for _ in range(3))
    x = layers.Concatenate()(
        [
            layers.Multiply()([a, b, c]),
            layers.Average()([a, b]),
            layers.Maximum()([b, c]),
            layers.Minimum()([a, c]),
            layers.Dot(axes=1, normalize=True)([a, b]),
        ]
    )
    return keras.Model(inputs, x), [(4,)]


@row(lambda: keras.optimizers.Adam(0.01), keras.losses.MeanSquaredError())
def normalizations():
    inputs = keras.Input((6, 4))
    x = layers.LayerNormalization(epsilon=1e-5)(inputs)
    x = layers.BatchNormalization(center=False)(x)
    x = layers.LayerNormalization(axis=-1, scale=False)(x)
    return keras.Model(inputs, layers.BatchNormalization(scale=False, epsilon=0.01)(x)), [(6, 4)]


@row(lambda: keras.optimizers.Adam(0.01), random=True)
def noise_and_dropout():
    inputs = keras.Input((6, 4))
    x = layers.GaussianNoise(0.1)(inputs)
    x = layers.SpatialDropout1D(0.2)(x)
    x = layers.GaussianDropout(0.1)(x)
    x = layers.AlphaDropout(0.1)(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(2)(x)), [(6, 4)]


@row(lambda: keras.optimizers.SGD(0.01))
def shared_layers():
    a, b = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    twin = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="relu")], name="twin")
    head = layers.Dense(2, name="head")
    x = layers.Concatenate()([head(twin(a)), head(twin(b))])
    return keras.Model([a, b], x), [(4,), (4,)]


@row(lambda: keras.optimizers.RMSprop(1e-3, momentum=0.5, centered=True))
def models_in_models():
    innermost = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(3)])
    inputs = keras.Input((4,))
    inner = keras.Model(inputs, layers.Dense(2)(innermost(inputs)), name="inner")
    model = keras.Sequential([keras.Input((4,)), inner, layers.Dense(2), layers.Dense(2)])
    return model, [(4,)]


@row(
    lambda: keras.optimizers.Adam(0.01),
    keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    [keras.metrics.CategoricalAccuracy()],
)
def logits_with_smoothed_labels():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(3)])
    return model, [(6,)]


@row(lambda: keras.optimizers.SGD(0.01, momentum=0.5))
def masked_sequence():
    inputs = keras.Input((5, 3))
    x = layers.Masking(0.0)(inputs)
    return keras.Model(inputs, layers.LSTM(4, recurrent_activation="hard_sigmoid")(x)), [(5, 3)]
