"""The workloads of workloads.ts in Keras: builds one, then runs it (serving.py)."""

import os
import sys

import keras
import numpy as np
from keras import layers
from networks import NETWORKS
from serving import serve


def convolutions(x, filters):
    for i, size in enumerate(filters):
        x = layers.Conv2D(size, 3, activation="relu")(x)
        if i < len(filters) - 1:
            x = layers.MaxPooling2D(2)(x)
    return layers.Flatten()(x)


def digit_model():
    inputs = keras.Input((28, 28, 1))
    x = convolutions(inputs, [32, 64, 128])
    outputs = layers.Dense(10, activation="softmax", dtype="float32")(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def tiny_model():
    inputs = keras.Input((16, 16, 1))
    outputs = layers.Dense(10, activation="softmax", dtype="float32")(convolutions(inputs, [8]))
    model = keras.Model(inputs, outputs)
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def augmentation():
    return keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2)])


def picture_model(augmented):
    inputs = x = keras.Input((180, 180, 3))
    if augmented:
        x = augmentation()(x)
    x = layers.Rescaling(1 / 255)(x)
    x = convolutions(x, [32, 64, 128, 256, 256])
    if augmented:
        x = layers.Dropout(0.5)(x)
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32")(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def vgg_trunk():
    return keras.applications.VGG16(weights=None, include_top=False, input_shape=(180, 180, 3))


def mobile_base():
    return keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(180, 180, 3))


def fine_tuned_model():
    trunk = vgg_trunk()
    for layer in trunk.layers:
        layer.trainable = layer.name.startswith("block5")
    inputs = keras.Input((180, 180, 3))
    return classifier_on(layers.Flatten()(trunk(inputs)), inputs)


def frozen_model():
    base = mobile_base()
    base.trainable = False
    inputs = keras.Input((180, 180, 3))
    x = keras.applications.mobilenet_v2.preprocess_input(augmentation()(inputs))
    return classifier_on(layers.Flatten()(base(x)), inputs)


def classifier_on(features, inputs):
    x = layers.Dropout(0.5)(layers.Dense(256)(features))
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32")(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.RMSprop(1e-5), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def digit_data(count, size=28):
    images = (np.arange(count * size**2, dtype="int64") * 7919 % 256 / 255).astype("float32")
    return images.reshape(count, size, size, 1), (np.arange(count) % 10).astype("int32")


def picture_data(count):
    images = (np.arange(count * 180 * 180 * 3, dtype="int64") * 7919 % 256).astype("float32")
    return images.reshape(count, 180, 180, 3), (np.arange(count) % 2).astype("float32").reshape(count, 1)


def training(model, data, batch_size):
    def run():
        model.fit(*data, batch_size=batch_size, epochs=1)
        return len(data[0]) / batch_size

    return run


def binary_on(x, inputs, width):
    x = layers.Dense(width, activation="relu")(x)
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid", dtype="float32")(x))
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def start_convolutions(shape, filters, scaled):
    def make(width):
        inputs = x = keras.Input(shape)
        if scaled:
            x = layers.Rescaling(1 / 255)(x)
        return binary_on(convolutions(x, filters), inputs, width)

    return make


LARGE = (224, 224, 3)


def start_normalized(width):
    inputs = x = keras.Input(LARGE)
    for _ in range(4):
        x = layers.Conv2D(32, 3, padding="same")(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
    return binary_on(layers.GlobalAveragePooling2D()(x), inputs, width)


def start_residual(width):
    base = keras.applications.ResNet50(weights=None, include_top=False, pooling="avg", input_shape=LARGE)
    base.trainable = False
    inputs = keras.Input(LARGE)
    return binary_on(base(inputs), inputs, width)


def first_step(make, shape):
    """The first step of a model that is new each time, with a layer of another width."""
    values = (np.arange(np.prod(shape), dtype="int64") * 7919 % 256 / 255).astype("float32").reshape(shape)
    labels = (np.arange(shape[0]) % 2).astype("float32").reshape(-1, 1)
    state = {"width": 16}

    def before():
        state["model"] = make(state["width"])
        state["width"] += 1

    def run():
        state["model"].fit(values, labels, batch_size=shape[0], verbose=0)
        return 1

    run.before = before
    return run


def evaluation(scale):
    model, data = picture_model(False), picture_data(320 * scale)

    def run():
        model.evaluate(*data, batch_size=32)
        return 10 * scale

    return run


def features(model, count):
    images = picture_data(count)[0]

    def run():
        model.predict(images, batch_size=32)
        return len(images)

    return run


def single():
    model, image = mobile_base(), picture_data(1)[0]

    def run():
        for _ in range(20):
            model.predict(image, verbose=0)
        return 20

    return run


def serving(model, batch, calls):
    images = picture_data(batch)[0]

    def run():
        for _ in range(calls):
            model.predict(images, batch_size=batch, verbose=0)
        return calls

    return run


FOLDER = os.path.join(os.getcwd(), ".cache/bench/cats_vs_dogs/train")


def cached_training():
    model = picture_model(False)
    images = keras.utils.image_dataset_from_directory(
        FOLDER,
        image_size=(180, 180),
        batch_size=None,
        label_mode="binary",
        validation_split=0.84,
        subset="training",
        seed=1,
        verbose=False,
    )
    dataset = images.cache().shuffle(320).batch(32).prefetch(2)

    def run():
        model.fit(dataset, epochs=1)
        return 10

    return run


def loading(mode):
    batch_size = None if mode == "keras-reshuffled" else 32
    dataset = keras.utils.image_dataset_from_directory(
        FOLDER, image_size=(180, 180), batch_size=batch_size, verbose=False
    )
    if mode == "keras-cached":  # the order of the first epoch in every later one
        dataset = dataset.cache()
    if mode == "keras-reshuffled":
        dataset = dataset.cache().shuffle(2000).batch(32)
    dataset = dataset.prefetch(2)

    def run():
        return sum(len(labels) for _, labels in dataset)

    return run


WORKLOADS = {
    "mnist": lambda scale: training(digit_model(), digit_data(12_800 * scale), 64),
    "pictures": lambda scale: training(picture_model(False), picture_data(320 * scale), 32),
    "augmented": lambda scale: training(picture_model(True), picture_data(320 * scale), 32),
    "features": lambda scale: features(vgg_trunk(), 64 * scale),
    "mobile": lambda scale: features(mobile_base(), 320 * scale),
    "single": lambda scale: single(),
    "finetune": lambda scale: training(fine_tuned_model(), picture_data(64 * scale), 32),
    "frozen": lambda scale: training(frozen_model(), picture_data(320 * scale), 32),
    "evaluate": evaluation,
    "tiny": lambda scale: training(tiny_model(), digit_data(16_000 * scale, 16), 8),
    "start-mnist": lambda scale: first_step(
        start_convolutions((28, 28, 1), [32, 64, 128], False), (64, 28, 28, 1)
    ),
    "start-pictures": lambda scale: first_step(
        start_convolutions((180, 180, 3), [32, 64, 128, 256, 256], True), (32, 180, 180, 3)
    ),
    "start-normalized": lambda scale: first_step(start_normalized, (8, *LARGE)),
    "start-residual": lambda scale: first_step(start_residual, (8, *LARGE)),
    "serving-pictures": lambda scale: serving(picture_model(False), 1, 20 * scale),
    "serving-pictures-32": lambda scale: serving(picture_model(False), 32, 5 * scale),
    "serving-mobile": lambda scale: serving(mobile_base(), 1, 20 * scale),
    "serving-mobile-32": lambda scale: serving(mobile_base(), 32, 2 * scale),
    "serving-vgg": lambda scale: serving(vgg_trunk(), 1, 5 * scale),
    "serving-vgg-32": lambda scale: serving(vgg_trunk(), 32, scale),
    "cached": lambda scale: cached_training(),
    "data": lambda scale: loading(sys.argv[2]),
    **NETWORKS,
}


def main():
    name, mode, scale = sys.argv[1:4]
    if mode == "keras-bfloat16":
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    keras.utils.set_random_seed(1)
    serve(WORKLOADS[name](int(scale)))


main()
