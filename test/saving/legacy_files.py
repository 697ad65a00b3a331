"""Writes files as Keras 2 wrote them, from models of Keras 3: `legacy_files.py FOLDER`."""

import json
import os
import pathlib
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
from keras import layers


def base():
    inputs = keras.Input((8, 8, 3), name="base_in")
    x = layers.Conv2D(4, 3, name="conv", use_bias=False)(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(max_value=6.0, name="relu6")(x)
    return keras.Model(inputs, layers.DepthwiseConv2D(3, name="deep")(x), name="base")


def model():
    inputs = keras.Input((8, 8, 3), name="in")
    x = base()(inputs)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(2, activation="softmax", name="head")(x), name="outer")


def keras2_layer(layer):
    """A layer's entry as Keras 2 wrote it: no modules, plain dtypes, calls as lists."""
    if isinstance(layer, keras.Model):
        return dict(class_name="Functional", config=keras2_config(layer), name=layer.name)
    config = layer.get_config()
    config.pop("optional", None)
    config.pop("quantization_config", None)
    if "batch_shape" in config:
        config["batch_input_shape"] = config.pop("batch_shape")
    config["dtype"] = "float32"
    config = {
        key: dict(class_name=value["class_name"], config={"seed": None} if "Glorot" in value["class_name"] else {})
        if isinstance(value, dict) and "class_name" in value
        else value
        for key, value in config.items()
        if not key.startswith("renorm")
    }
    return dict(class_name=type(layer).__name__, config=config, name=layer.name)


def keras2_config(model):
    entries, previous = [], None
    for layer in model.layers:  # chains only
        entry = keras2_layer(layer)
        nodes = [] if previous is None else [[[previous.name, int(isinstance(previous, keras.Model)), 0, {}]]]
        entries.append(dict(**entry, inbound_nodes=nodes))
        previous = layer
    first, last = model.layers[0], model.layers[-1]
    return dict(
        name=model.name,
        trainable=True,
        layers=entries,
        input_layers=[[first.name, 0, 0]],
        output_layers=[[last.name, 0, 0]],
    )


def write_weights(group, layers_to_write):
    names = [layer.name.encode() for layer in layers_to_write]
    group.attrs["layer_names"] = names
    for layer in layers_to_write:
        weights = layer.trainable_weights + layer.non_trainable_weights
        inner = group.create_group(layer.name)
        paths = [weight_name(layer, weight) for weight in weights]
        inner.attrs["weight_names"] = [path.encode() for path in paths]
        for path, weight in zip(paths, weights):
            inner.create_dataset(path, data=weight.numpy())


def weight_name(layer, weight):
    parts = weight.path.split("/")[-2:]
    return "/".join(parts) + ":0"


def write_list(file, x, folder):
    """A Sequential model of before Keras 2.2.3: its configuration is the list of its layers."""
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(2, 3, name="eye"), layers.Flatten(), layers.Dense(2, name="out")]
    )
    entries = [keras2_layer(layer) for layer in model.layers]
    entries[0]["config"]["batch_input_shape"] = [None, 8, 8, 3]
    for entry in entries:
        entry.pop("name")
    file.attrs["model_config"] = json.dumps(dict(class_name="Sequential", config=entries)).encode()
    write_weights(file.create_group("model_weights"), model.layers)
    np.asarray(model(x)).astype("<f4").tofile(folder / "list_y")


def main(folder):
    keras.utils.set_random_seed(5)
    whole = model()
    for weight in whole.weights:
        weight.assign(np.random.default_rng(1).uniform(0.1, 1, weight.shape))
    x = np.random.default_rng(2).normal(size=(3, 8, 8, 3)).astype("<f4")
    x.tofile(folder / "x")
    np.asarray(whole(x)).astype("<f4").tofile(folder / "y")
    training = dict(
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        optimizer_config=dict(class_name="Adam", config=dict(name="Adam", learning_rate=0.01, decay=0.0)),
    )
    with h5py.File(folder / "keras2.h5", "w") as file:
        config = dict(class_name="Functional", config=keras2_config(whole))
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["training_config"] = json.dumps(training).encode()
        file.attrs["keras_version"] = b"2.15.0"
        write_weights(file.create_group("model_weights"), whole.layers)
    with h5py.File(folder / "list.h5", "w") as file:
        write_list(file, x, folder)
    with h5py.File(folder / "base_notop.h5", "w") as file:  # as Keras' applications come
        write_weights(file, whole.get_layer("base").layers)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
