"""Writes test/saving/fixtures/keras2.zip: files of Keras 2 itself, with what Keras 2 computes from them.

The fixture is committed, so that tests need nothing more. It was written by tf-keras 2.21.0, the Keras 2 that
fits TensorFlow 2.21. To write it anew, with tf-keras outside the project's own environment:

    .venv/bin/python -m pip install --no-deps --target FOLDER tf-keras==2.21.0
    PYTHONPATH=FOLDER .venv/bin/python test/saving/keras2_files.py

Each model makes three steps, is saved as NAME.h5, NAME.keras and NAME.weights.h5, some as NAME.old.h5, which holds
weights in the layout of `.h5`, and goes on for three more.
`facts.json` holds the data, what was predicted from it when saved, what the metrics then were, and the losses of
the three steps that followed. A model of another policy computes in float32 once it is saved, as this library does.
"""

import json
import os
import pathlib
import tempfile
import zipfile

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tf_keras as keras
from tf_keras import layers
from tf_keras.optimizers import legacy, schedules

BATCH, STEPS = 4, 3
OLD_WEIGHTS = ("convnet", "nested", "frozen", "two_inputs", "lstm", "bidirectional", "preprocessing", "float16", "bfloat16")
FIXTURE = pathlib.Path(__file__).parent / "fixtures" / "keras2.zip"


def dense(activation=None, outputs=2, dtype=None):
    return keras.Sequential(
        [
            layers.Dense(3, activation="tanh", input_shape=(4,), name="one"),
            layers.Dense(outputs, activation=activation, name="two", dtype=dtype),
        ]
    )


def convnet(last=None):
    return keras.Sequential(
        [
            layers.Rescaling(0.5, input_shape=(8, 8, 2)),
            layers.Conv2D(3, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.SeparableConv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.0),
            layers.Dense(3, activation="softmax", dtype=last),
        ]
    )


def base():
    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(3, 3, use_bias=False, name="conv")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(6.0)(x)
    return keras.Model(inputs, layers.DepthwiseConv2D(3, name="deep")(x), name="base")


def nested():
    inputs = keras.Input((8, 8, 2))
    x = base()(inputs)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def frozen():
    inner = base()
    inner.trainable = False
    inputs = keras.Input((8, 8, 2))
    x = layers.GlobalMaxPooling2D()(inner(inputs, training=False))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def sequential_in_sequential():
    inner = keras.Sequential([layers.Dense(3, activation="relu"), layers.BatchNormalization()])
    return keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)])


def two_inputs():
    one, two = keras.Input((4,), name="one"), keras.Input((3,), name="two")
    x = layers.Concatenate()([layers.Dense(3, activation="relu")(one), two])
    left = layers.Dense(1, activation="sigmoid", name="left")(x)
    right = layers.Dense(2, name="right")(x)
    return keras.Model([one, two], [left, right])


def siamese():
    shared = layers.Dense(3, activation="tanh", name="shared")
    one, two = keras.Input((4,)), keras.Input((4,))
    return keras.Model([one, two], layers.Dense(1)(layers.Add()([shared(one), shared(two)])))


def merging():
    one, two = keras.Input((4,)), keras.Input((4,))
    parts = [cls()([one, two]) for cls in (layers.Average, layers.Maximum, layers.Minimum, layers.Multiply)]
    parts.append(layers.Dot(axes=1)([one, two]))
    return keras.Model([one, two], layers.Dense(2)(layers.Concatenate()(parts)))


def embedded(*rest):
    return keras.Sequential([layers.Embedding(9, 4, mask_zero=True, input_length=5), *rest, layers.Dense(1)])


def recurrent(*rest):
    return keras.Sequential([keras.Input((5, 3)), *rest])


def conv1d():
    return keras.Sequential(
        [
            layers.Conv1D(3, 3, padding="causal", activation="elu", input_shape=(8, 2)),
            layers.MaxPooling1D(2),
            layers.AveragePooling1D(2),
            layers.GlobalMaxPooling1D(),
            layers.Dense(2),
        ]
    )


def conv3d():
    return keras.Sequential(
        [layers.Conv3D(2, 2, input_shape=(4, 4, 4, 1)), layers.MaxPooling3D(), layers.Flatten(), layers.Dense(2)]
    )


def autoencoder():
    return keras.Sequential(
        [
            layers.Conv2D(3, 3, strides=2, padding="same", input_shape=(8, 8, 2)),
            layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu"),
            layers.UpSampling2D(2, interpolation="bilinear"),
            layers.ZeroPadding2D(1),
            layers.Cropping2D(1),
            layers.Conv2D(1, 1),
        ]
    )


def activations():
    inputs = keras.Input((4,))
    x = inputs
    for name in ("hard_sigmoid", "gelu", "swish", "selu", "softplus", "softsign", "exponential", "leaky_relu"):
        x = layers.Dense(4, activation=name, name=name)(x)
    for layer in (layers.LeakyReLU(), layers.PReLU(), layers.ELU(), layers.Softmax()):
        x = layer(x)
    return keras.Model(inputs, layers.Dense(2)(layers.Activation("relu6")(x)))


def thresholded():
    return keras.Sequential([layers.Dense(3, input_shape=(4,)), layers.ThresholdedReLU(0.1), layers.ReLU(0.5)])


def preprocessing():
    scale = layers.Normalization(axis=-1)
    scale.adapt(np.random.default_rng(3).normal(2, 3, (20, 10, 10, 2)))
    return keras.Sequential(
        [keras.Input((10, 10, 2)), scale, layers.CenterCrop(8, 8), layers.Resizing(4, 4), layers.Flatten(), layers.Dense(2)]
    )


def regularized():
    return keras.Sequential(
        [
            layers.Dense(
                3,
                input_shape=(4,),
                kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
                bias_regularizer="l2",
                kernel_initializer=keras.initializers.HeNormal(seed=3),
            ),
            layers.LayerNormalization(),
            layers.Dense(2, kernel_initializer=keras.initializers.Orthogonal()),
        ]
    )


def half_right(y_true, y_pred):
    return keras.backend.mean(keras.backend.abs(y_true - y_pred)) / 2


def mean_cubed_error(y_true, y_pred):
    return keras.backend.mean(keras.backend.abs(y_true - y_pred) ** 3)


SPARSE, ONE_HOT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
O = keras.optimizers
M = keras.metrics


def row(build, optimizer="sgd", loss="mse", metrics=None, policy=None, **settings):
    return dict(build=build, optimizer=optimizer, loss=loss, metrics=metrics, policy=policy, settings=settings)


ROWS = {
    "sgd": row(dense, lambda: O.SGD(0.1), "mse", ["mae"]),
    "sgd_momentum": row(dense, lambda: O.SGD(0.1, momentum=0.9, nesterov=True)),
    "rmsprop": row(dense, lambda: O.RMSprop(0.01)),
    "rmsprop_centered": row(dense, lambda: O.RMSprop(0.01, momentum=0.5, centered=True)),
    "adam": row(dense, lambda: O.Adam(0.01, clipnorm=1.0)),
    "adam_amsgrad": row(dense, lambda: O.Adam(0.01, amsgrad=True)),
    "adamw": row(dense, lambda: O.AdamW(0.01)),
    "adagrad": row(dense, lambda: O.Adagrad(0.1)),
    "adadelta": row(dense, lambda: O.Adadelta(1.0)),
    "adamax": row(dense, lambda: O.Adamax(0.01)),
    "nadam": row(dense, lambda: O.Nadam(0.01)),
    "ftrl": row(dense, lambda: O.Ftrl(0.01)),
    "legacy_sgd": row(dense, lambda: legacy.SGD(0.1, momentum=0.9)),
    "legacy_rmsprop": row(dense, lambda: legacy.RMSprop(0.01, momentum=0.5, centered=True)),
    "legacy_adam": row(dense, lambda: legacy.Adam(0.01, amsgrad=True)),
    "legacy_adagrad": row(dense, lambda: legacy.Adagrad(0.1)),
    "legacy_adadelta": row(dense, lambda: legacy.Adadelta(1.0)),
    "legacy_adamax": row(dense, lambda: legacy.Adamax(0.01)),
    "legacy_nadam": row(dense, lambda: legacy.Nadam(0.01)),
    "legacy_decay": row(dense, lambda: legacy.SGD(0.1, decay=0.5)),
    "exponential_decay": row(dense, lambda: O.Adam(schedules.ExponentialDecay(0.1, 2, 0.5))),
    "cosine_decay": row(dense, lambda: O.SGD(schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=2))),
    "cosine_restarts": row(dense, lambda: O.SGD(schedules.CosineDecayRestarts(0.1, 2, t_mul=1.5, m_mul=0.8))),
    "piecewise_decay": row(dense, lambda: O.SGD(schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.05, 0.01]))),
    "polynomial_decay": row(dense, lambda: O.SGD(schedules.PolynomialDecay(0.1, 10, 0.01, 2.0, cycle=True))),
    "inverse_time_decay": row(dense, lambda: legacy.Adam(schedules.InverseTimeDecay(0.1, 2, 0.5, staircase=True))),
    "convnet": row(convnet, lambda: O.Adam(0.01), ONE_HOT, ["accuracy"]),
    "sparse": row(convnet, lambda: O.RMSprop(0.01), SPARSE, ["accuracy", "sparse_categorical_crossentropy"]),
    "logits": row(
        lambda: dense(outputs=3),
        lambda: O.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ["acc", M.SparseTopKCategoricalAccuracy(2)],
    ),
    "smoothed": row(lambda: dense("softmax", 3), "adam", keras.losses.CategoricalCrossentropy(label_smoothing=0.1)),
    "binary": row(
        lambda: dense("sigmoid", 1),
        lambda: O.RMSprop(0.01),
        BINARY,
        [M.BinaryAccuracy(name="right"), M.Precision(), M.Recall(name="found"), "mse", M.AUC(name="area")],
    ),
    "auc": row(lambda: dense("sigmoid", 1), "adam", keras.losses.BinaryCrossentropy(), [M.AUC()]),
    "thresholds": row(lambda: dense("sigmoid", 1), "adam", BINARY, [M.BinaryAccuracy(threshold=0.7)]),
    "own_metric": row(dense, "adam", "mae", ["mse", half_right]),
    "own_loss": row(dense, "adam", mean_cubed_error, ["mse"]),
    "loss_weights": row(dense, "adam", "mse", loss_weights=[0.5]),
    "weighted_metrics": row(lambda: dense("softmax", 3), "adam", ONE_HOT, ["mse"], weighted_metrics=["accuracy"]),
    "uncompiled": row(dense, None),
    "nested": row(nested, lambda: O.Adam(0.01), ONE_HOT, ["accuracy"]),
    "frozen": row(frozen, lambda: O.Adam(0.01), ONE_HOT, ["accuracy"]),
    "sequential_in_sequential": row(sequential_in_sequential, lambda: O.SGD(0.1)),
    "two_inputs": row(
        two_inputs,
        lambda: O.Adam(0.01),
        {"left": BINARY, "right": "mse"},
        {"left": ["accuracy"], "right": [M.MeanAbsoluteError(name="off")]},
    ),
    "two_outputs_in_lists": row(two_inputs, lambda: O.Adam(0.01), [BINARY, "mse"], [["accuracy"], ["mae", "mse"]]),
    "siamese": row(siamese, lambda: O.Adam(0.01)),
    "merging": row(merging, lambda: O.Adagrad(0.1)),
    "lstm": row(lambda: embedded(layers.LSTM(3)), lambda: O.Adam(0.01)),
    "gru": row(lambda: embedded(layers.GRU(3, return_sequences=True), layers.GRU(2, reset_after=False)), lambda: O.Adam(0.01)),
    "bidirectional": row(
        lambda: recurrent(
            layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
            layers.Bidirectional(layers.GRU(2), merge_mode="sum"),
            layers.Dense(1),
        ),
        lambda: O.RMSprop(0.01),
    ),
    "simple_rnn": row(
        lambda: recurrent(
            layers.SimpleRNN(3, return_sequences=True), layers.TimeDistributed(layers.Dense(2)), layers.Flatten(), layers.Dense(1)
        )
    ),
    "hard_gates": row(
        lambda: recurrent(layers.LSTM(3, recurrent_activation="hard_sigmoid"), layers.Dense(1)), lambda: O.Adam(0.01)
    ),
    "conv1d": row(conv1d),
    "conv3d": row(conv3d),
    "autoencoder": row(autoencoder, lambda: O.Adam(0.01)),
    "activations": row(activations),
    "thresholded": row(thresholded),
    "preprocessing": row(preprocessing),
    "regularized": row(regularized),
    "mixed_float16": row(lambda: convnet("float32"), lambda: O.Adam(0.01), ONE_HOT, ["accuracy"], "mixed_float16"),
    "mixed_bfloat16": row(lambda: convnet("float32"), lambda: O.Adam(0.01), ONE_HOT, ["accuracy"], "mixed_bfloat16"),
    "legacy_mixed_float16": row(lambda: dense(dtype="float32"), lambda: legacy.Adam(0.01), policy="mixed_float16"),
    "float16": row(dense, None, policy="float16"),
    "bfloat16": row(dense, None, policy="bfloat16"),
}


def make_inputs(model, generator):
    if isinstance(model.layers[0], layers.Embedding):
        return [generator.integers(0, 9, (BATCH, 5)).astype("float32")]
    return [generator.normal(size=(BATCH, *each.shape[1:])).astype("float32") for each in model.inputs]


def make_targets(model, loss, generator):
    losses = list(loss.values()) if isinstance(loss, dict) else loss if isinstance(loss, list) else [loss]
    targets = []
    for each, output in zip(losses, model.outputs, strict=True):
        name, shape = getattr(each, "name", each), (BATCH, *output.shape[1:])
        if "sparse" in str(name):
            targets.append(generator.integers(0, shape[-1], (BATCH, 1)).astype("float32"))
        elif "categorical" in str(name):
            targets.append(np.eye(shape[-1], dtype="float32")[generator.integers(0, shape[-1], BATCH)])
        elif "binary" in str(name):
            targets.append(generator.integers(0, 2, shape).astype("float32"))
        else:
            targets.append(generator.normal(size=shape).astype("float32"))
    return targets


def alone(items):
    return items if len(items) > 1 else items[0]


def predict(model, inputs):
    outputs = model(alone(inputs), training=False)
    return [np.asarray(each, "float32") for each in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def train(model, inputs, targets):
    losses = []
    for _ in range(STEPS):
        model.reset_metrics()
        losses.append(float(np.ravel(model.train_on_batch(alone(inputs), alone(targets)))[0]))
    return losses


def array(value):
    return dict(shape=list(value.shape), data=[float(each) for each in np.ravel(value)])


def write(folder, name, settings):
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    generator = np.random.default_rng(7)
    keras.mixed_precision.set_global_policy(settings["policy"] or "float32")
    model = settings["build"]()
    if not model.built:
        model(generator.integers(0, 9, (BATCH, 5)).astype("float32"))
    inputs = make_inputs(model, generator)
    targets = make_targets(model, settings["loss"], generator)
    for weight in model.weights:  # biases and statistics that are not all 0 or 1
        noise = generator.uniform(0.0, 0.1, weight.shape)
        weight.assign(weight + noise.astype(weight.dtype.as_numpy_dtype))
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()
    facts = dict(inputs=[array(x) for x in inputs], targets=[array(y) for y in targets])
    compiled = settings["optimizer"] is not None
    if compiled:
        optimizer = settings["optimizer"]
        model.compile(
            optimizer=optimizer if isinstance(optimizer, str) else optimizer(),
            loss=settings["loss"],
            metrics=settings["metrics"],
            run_eagerly=True,
            **settings["settings"],
        )
        train(model, inputs, targets)
        facts["rate"] = float(rate_of(model.optimizer))
    for extension in ("h5", "keras", "weights.h5"):
        if extension == "weights.h5":
            model.save_weights(folder / f"{name}.{extension}")
        else:
            model.save(folder / f"{name}.{extension}")
    if name in OLD_WEIGHTS:
        model.save_weights(folder / f"{name}.old.h5", save_format="h5")
    if settings["policy"] is not None:
        model = in_float32(model, settings)
    facts["outputs"] = [array(y) for y in predict(model, inputs)]
    if compiled:
        model.reset_metrics()
        logs = model.test_on_batch(alone(inputs), alone(targets), return_dict=True)
        facts["logs"] = {key: float(value) for key, value in logs.items()}
        facts["losses"] = train(model, inputs, targets)
    return facts


def rate_of(optimizer):
    """The learning rate of the next step."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    if isinstance(optimizer, legacy.Optimizer):
        return optimizer._decayed_lr("float32")
    rate = optimizer._learning_rate
    return rate(optimizer.iterations) if isinstance(rate, schedules.LearningRateSchedule) else rate


def in_float32(model, settings):
    """The same model in float32, with the optimizer where it was."""
    keras.mixed_precision.set_global_policy("float32")
    copy = settings["build"]()
    copy.set_weights([np.asarray(weight, "float32") for weight in model.get_weights()])
    if settings["optimizer"] is None:
        return copy
    copy.compile(settings["optimizer"](), settings["loss"], settings["metrics"], run_eagerly=True)
    optimizer, inner = copy.optimizer, getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if isinstance(optimizer, legacy.Optimizer):
        optimizer._create_all_weights(copy.trainable_variables)
        optimizer.set_weights(inner.get_weights())
    else:
        optimizer.build(copy.trainable_variables)
        optimizer.set_weights([variable.numpy() for variable in inner.variables])
    return copy


def main():
    assert keras.__version__ == "2.21.0", keras.__version__
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        facts = {}
        for model, settings in ROWS.items():
            facts[model] = write(folder, model, settings)
        (folder / "facts.json").write_text(json.dumps(facts))
        FIXTURE.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(FIXTURE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as fixture:
            for file in sorted(folder.iterdir()):
                fixture.writestr(zipfile.ZipInfo(file.name, (2026, 1, 1, 0, 0, 0)), file.read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
