"""Networks of Keras' applications beside those made here: `families.py FOLDER`.

Reads FOLDER/cases.json, prints what each network is, as JSON; weights and arrays go into FOLDER. Models that were saved
here lie there already.
"""

import json
import pathlib
import sys

import keras
import numpy as np
from networks import describe, shake, write_old


def noise(count, height, width):
    """Images that both languages make alike, no two of them the same, in [0, 255]."""
    i = np.arange(count * height * width * 3, dtype="int64")
    return ((31 * i * i + 7919 * i) % 65521 % 256).astype("float32").reshape(count, height, width, 3)


def build(case):
    return getattr(keras.applications, case["network"])(**case["options"], weights=None)


def module_of(case):
    return sys.modules[getattr(keras.applications, case["network"]).__module__]


def nudged(x):
    """Moved by 1e-7 of the largest number, up and down."""
    signs = np.where(np.arange(x.size).reshape(x.shape) % 3 == 0, -1, 1)
    return (x + 1e-7 * np.abs(x).max() * signs).astype("float32")


def moved(before, after):
    return float(np.abs(np.asarray(before) - np.asarray(after)).max())


def call(model, x):
    """What the model gives for pictures, without the graph that `predict` would make for one batch."""
    return np.asarray(model(x, training=False))


def with_weights(case, model, folder):
    """What the network gives with random weights, which are written as files."""
    name = case["name"]
    shake(model)
    model.save_weights(folder / f"{name}.weights.h5")
    write_old(model, folder / f"{name}.h5")
    height, width = (size or 96 for size in model.input_shape[1:3])
    x = np.asarray(module_of(case).preprocess_input(noise(4, height, width)))
    y = call(model, x)
    y.astype("<f4").tofile(folder / f"{name}.output")
    return dict(images=list(x.shape), predicted=list(y.shape), moved=moved(y, call(model, nudged(x))))


def differences(found, expected, path=""):
    """The places where two configurations differ."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in sorted({*found, *expected}):
            yield from differences(found.get(key), expected.get(key), f"{path}/{key}")
    elif isinstance(found, (list, tuple)) and isinstance(expected, (list, tuple)) and len(found) == len(expected):
        for i, (one, other) in enumerate(zip(found, expected)):
            yield from differences(one, other, f"{path}/{i}")
    elif found != expected:
        yield f"{path}: {found} for {expected}"


def training_loss(model, x, y):
    """The loss of a step of training, with each batch's own statistics. Takes no step."""
    return float(np.mean(keras.losses.binary_crossentropy(y, model(x, training=True))))


def trained(case, model, folder):
    """What a model that was saved here is for Keras, and one step of its training."""
    loaded = keras.models.load_model(folder / f"{case['name']}.keras")
    [base] = [layer for layer in loaded.layers if isinstance(layer, keras.Model)]
    _, height, width, _ = loaded.input_shape
    model.trainable = False
    x, y = noise(4, height, width), np.array([[0], [1], [1], [0]], "float32")
    loaded.compile(optimizer=loaded.optimizer, loss=loaded.loss, run_eagerly=True)
    again = type(model).from_config(model.get_config())  # Sequential forgets that it is frozen
    config = list(differences(base.get_config(), again.get_config()))
    for layer in base.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0
    before = call(loaded, x)
    facts = dict(
        config=config,
        trained=len(loaded.trainable_weights),
        before=before.flatten().tolist(),
        moved=moved(before, call(loaded, nudged(x))),
        frozenLoss=float(loaded.train_on_batch(x, y)),
        after=call(loaded, x).flatten().tolist(),
    )
    base.trainable = True
    facts["loss"], nudged_loss = (training_loss(loaded, each, y) for each in (x, nudged(x)))
    facts["lossMoved"] = abs(facts["loss"] - nudged_loss)
    return facts


def main(folder):
    facts = {}
    for case in json.loads((folder / "cases.json").read_text()):
        keras.backend.clear_session()
        model = build(case)
        facts[case["name"]] = describe(model)
        if case["kind"] == "weights":
            facts[case["name"]] |= with_weights(case, model, folder)
        if case["kind"] == "training":
            facts[case["name"]] |= trained(case, model, folder)
    print(json.dumps(facts))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
