"""The workloads of networks.ts in Keras; as a program, `networks.py NETWORK…`, it writes the files that they read."""

import os
import sys

import keras
import numpy as np
from keras import layers

FOLDER = os.path.join(os.getcwd(), ".cache/bench/keras")
SIZE = 224
BATCH, LATENT, FILTERS = 32, 64, 32


def kept(network):
    return os.path.join(FOLDER, f"{network}.keras")


def pictures(count):
    values = (np.arange(count * SIZE * SIZE * 3, dtype="int64") * 7919 % 256).astype("float32")
    return values.reshape(count, SIZE, SIZE, 3)


def training(make, scale):
    batch_size, steps = 8, 2 * scale
    model = make(weights=None, classes=10)
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    data = pictures(batch_size * steps), (np.arange(batch_size * steps) % 10).astype("int32")

    def run():
        model.fit(*data, batch_size=batch_size, epochs=1)
        return steps

    return run


def loading(network):
    def run():
        keras.models.load_model(kept(network), compile=False)
        keras.backend.clear_session()
        return 1

    return run


def predicting(network, scale):
    model, picture = keras.models.load_model(kept(network), compile=False), pictures(1)

    def run():
        for _ in range(5 * scale):
            model.predict(picture, verbose=0)
        return 5 * scale

    return run


def adversaries():
    def leaky():
        return layers.LeakyReLU(negative_slope=0.2)

    def up(filters, **options):
        return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", use_bias=False, **options)

    def down(filters):
        return layers.Conv2D(filters, 4, strides=2, padding="same")

    generator = [
        keras.Input((LATENT,)),
        layers.Dense(7 * 7 * FILTERS),
        layers.Reshape((7, 7, FILTERS)),
        up(FILTERS),
        layers.BatchNormalization(),
        leaky(),
        up(1, activation="tanh"),
    ]
    discriminator = [
        keras.Input((28, 28, 1)),
        down(FILTERS),
        leaky(),
        down(2 * FILTERS),
        leaky(),
        layers.Flatten(),
        layers.Dense(1),
    ]
    return keras.Sequential(generator), keras.Sequential(discriminator)


def adversarial(scale):
    import tensorflow as tf

    makes, judges = adversaries()
    of_makes = keras.optimizers.Adam(1e-3, beta_1=0.5)
    of_judges = keras.optimizers.Adam(2e-4, beta_1=0.5)
    of_makes.build(makes.trainable_variables)
    of_judges.build(judges.trainable_variables)
    crossentropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(real):
        made = makes(tf.random.normal((BATCH, LATENT)), training=True)
        images = tf.concat([made, real], axis=0)
        labels = tf.concat([tf.ones((BATCH, 1)), tf.zeros((BATCH, 1))], axis=0)
        with tf.GradientTape() as tape:
            judging = crossentropy(labels, judges(images, training=True))
        of_judges.apply(tape.gradient(judging, judges.trainable_variables), judges.trainable_variables)
        with tf.GradientTape() as tape:
            made = makes(tf.random.normal((BATCH, LATENT)), training=True)
            making = crossentropy(tf.zeros((BATCH, 1)), judges(made, training=True))
        of_makes.apply(tape.gradient(making, makes.trainable_variables), makes.trainable_variables)
        return judging, making

    values = (np.arange(BATCH * 28 * 28, dtype="int64") * 7919 % 256 / 127.5 - 1).astype("float32")
    real = tf.constant(values.reshape(BATCH, 28, 28, 1))
    steps = 50 * scale

    def run():
        for _ in range(steps):
            step(real)[1].numpy()
        return steps

    return run


NETWORKS = {
    "residual": lambda scale: training(keras.applications.ResNet50, scale),
    "efficient": lambda scale: training(keras.applications.EfficientNetB0, scale),
    "gan": adversarial,
    "load-residual": lambda scale: loading("ResNet50"),
    "load-vgg": lambda scale: loading("VGG16"),
    "predict-residual": lambda scale: predicting("ResNet50", scale),
    "predict-dense": lambda scale: predicting("DenseNet121", scale),
    "predict-nasnet": lambda scale: predicting("NASNetMobile", scale),
}


def write(network):
    if os.path.exists(kept(network)):
        return
    keras.utils.set_random_seed(1)
    unfinished = os.path.join(FOLDER, f"unfinished-{network}.keras")
    getattr(keras.applications, network)(weights=None).save(unfinished)
    os.replace(unfinished, kept(network))


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    for name in sys.argv[1:]:
        write(name)
