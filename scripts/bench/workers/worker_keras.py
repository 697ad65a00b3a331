"""One worker of a measurement in Keras: worker.ts' model, weights and data.

Keras 3.15.1's fit fails under MultiWorkerMirroredStrategy in two places, which are worked around here.
"""

import json
import os
import pathlib
import re
import sys
import time

part = json.loads(sys.argv[1])
addresses, index, steps = part["addresses"], part["index"], part["steps"]
os.environ["KERAS_BACKEND"] = "tensorflow"
if addresses:
    task = {"type": "worker", "index": index}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": task})

import keras
import keras.src.backend.tensorflow.trainer as trainer
import numpy as np
import tensorflow as tf
from keras import layers

reduce_per_replica = trainer.reduce_per_replica


def reduce_scalars(values, strategy, reduction):
    """The original reduces a scalar over an axis that it doesn't have."""
    if reduction in ("auto", "mean") and trainer._collective_all_reduce_multi_worker(strategy):
        return keras.tree.map_structure(lambda value: strategy.reduce("MEAN", value, axis=None), values)
    return reduce_per_replica(values, strategy, reduction)


def make_model(kind):
    if kind == "wide":
        inputs = x = keras.Input((784,))
        for units in (2150, 512):
            x = layers.Dense(units, activation="relu")(x)
    else:
        inputs = keras.Input((180, 180, 3))
        x = layers.Rescaling(1 / 255)(inputs)
        for i, filters in enumerate([32, 64, 128, 256, 256]):
            x = layers.Conv2D(filters, 3, activation="relu")(x)
            if i < 4:
                x = layers.MaxPooling2D(2)(x)
        x = layers.Flatten()(x)
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    weights = []
    for k, weight in enumerate(model.get_weights()):
        last = weight.shape[-1]
        limit = 0 if weight.ndim == 1 else np.sqrt(6 / (weight.size / last + last))
        values = ((np.arange(weight.size, dtype="int64") * 7919 + 13 * k) % 2001 / 1000 - 1) * limit
        weights.append(values.astype("float32").reshape(weight.shape))
    model.set_weights(weights)
    return model


def data_of(kind, count):
    shape, most = ((784,), 255) if kind == "wide" else ((180, 180, 3), 1)
    values = (np.arange(count * np.prod(shape), dtype="int64") * 7919 % 256 / most).astype("float32")
    return values.reshape(count, *shape), (np.arange(count) % 2).astype("float32").reshape(count, 1)


def read():
    received = re.search(r"lo:\s*(\d+)", pathlib.Path("/proc/net/dev").read_text())
    return time.perf_counter() * 1000, time.process_time() * 1000, int(received[1])


class Watch(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = {"ms": [], "cpuMs": [], "bytes": []}

    def on_epoch_begin(self, epoch, logs=None):
        self.before = read()

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            return
        for now, before, values in zip(read(), self.before, self.seen.values(), strict=True):
            values.append((now - before) / steps)


if addresses:
    trainer.reduce_per_replica = reduce_scalars
    # The original reduces a tuple of values of replicas, to build what is built already.
    trainer.TensorFlowTrainer._maybe_symbolic_build = lambda self, *args, **options: None
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
else:
    strategy = tf.distribute.get_strategy()
with strategy.scope():
    model = make_model(part["model"])
watch = Watch()
history = model.fit(
    *data_of(part["model"], part["batchSize"] * steps),
    batch_size=part["batchSize"],
    epochs=part["epochs"],
    shuffle=False,
    verbose=0,
    callbacks=[watch],
)
print(json.dumps({**watch.seen, "losses": history.history["loss"], "parameters": model.count_params()}))
