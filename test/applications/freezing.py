"""Networks of which a part is frozen, trained by Keras: `freezing.py FOLDER`.

Prints for each case how many weights are trained and the losses of every step, as JSON. Weights go into FOLDER.
"""

import json
import pathlib
import sys

import keras
import numpy as np
from keras import layers
from keras.applications import VGG16, MobileNetV2
from networks import pixels, shake

SIZE = (64, 64, 3)


def base(network="mobile"):
    make = dict(mobile=lambda **o: MobileNetV2(alpha=0.35, **o), vgg=VGG16)[network]
    model = make(weights=None, include_top=False, input_shape=SIZE)
    shake(model)
    return model


def functional(inner, preprocess):
    inputs = keras.Input(SIZE)
    x = layers.GlobalAveragePooling2D(name="mean")(inner(preprocess(inputs)))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid", name="head")(x))


def sequential(inner):
    head = [layers.GlobalAveragePooling2D(name="mean"), layers.Dense(1, activation="sigmoid", name="head")]
    return keras.Sequential([keras.Input(SIZE), layers.Rescaling(1 / 127.5, -1), inner, *head])


def compiled(model, rate):
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="binary_crossentropy")
    return model


def train(model):
    """The mean loss up to each step."""
    losses = []
    note = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: losses.append(float(logs["loss"])))
    x, y = pixels(12, 64, 64), (np.arange(12) % 2).astype("float32").reshape(12, 1)
    model.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=0, callbacks=[note])
    return losses


def statistics(model):
    """What training without frozen normalization would change."""
    return float(sum(np.abs(w.numpy()).sum() for w in model.non_trainable_weights if "moving" in w.path))


def rescale(x):
    return layers.Rescaling(1 / 127.5, -1)(x)


def frozen(folder, build, name):
    inner = base()
    inner.trainable = False
    model = compiled(build(inner), 0.1)
    model.save_weights(folder / f"{name}.weights.h5")
    return dict(trained=len(model.trainable_weights), losses=train(model), statistics=statistics(model))


def fine_tuned(folder, name, network, kept, rate):
    """Frozen as a whole, then unfrozen but for all layers up to the last `kept`."""
    inner = base(network)
    inner.trainable = False
    inner.trainable = True
    for layer in inner.layers[:-kept]:
        layer.trainable = False
    preprocess = keras.applications.vgg16.preprocess_input if network == "vgg" else rescale
    model = compiled(functional(inner, preprocess), rate)
    model.save_weights(folder / f"{name}.weights.h5")
    return dict(trained=len(model.trainable_weights), losses=train(model), statistics=statistics(model))


def frozen_late(folder, name):
    """Frozen after compile, before the first step; then unfrozen, which takes effect with the next compile."""
    inner = base()
    model = compiled(functional(inner, rescale), 0.1)
    inner.trainable = False
    model.save_weights(folder / f"{name}.weights.h5")
    losses = train(model)
    inner.trainable = True
    losses += train(model)
    return dict(trained=len(model.trainable_weights), losses=losses, statistics=statistics(model))


def flags():
    """How many weights of a small base are trained after each change."""
    inner = base()
    model = functional(inner, rescale)
    counts = [len(model.trainable_weights)]

    def note():
        counts.append(len(model.trainable_weights))

    inner.layers[1].trainable = False
    note()
    inner.trainable = False
    note()
    inner.layers[-2].trainable = True
    note()
    inner.trainable = True
    note()
    model.trainable = False
    note()
    inner.trainable = True
    note()
    model.trainable = True
    note()
    return counts


def main(folder):
    print(
        json.dumps(
            dict(
                functional=frozen(folder, lambda inner: functional(inner, rescale), "functional"),
                sequential=frozen(folder, sequential, "sequential"),
                fineTuned=fine_tuned(folder, "fineTuned", "mobile", 9, 0.01),
                vgg=fine_tuned(folder, "vgg", "vgg", 4, 1e-4),
                late=frozen_late(folder, "late"),
                flags=flags(),
            )
        )
    )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
