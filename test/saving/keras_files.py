"""Python's half of the matrix test: `keras_files.py write FOLDER`, then `keras_files.py check FOLDER`.

Arrays travel as raw little-endian float32; `written.json` and `checked.json` say what there is.
"""

import json
import os
import pathlib
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from architectures import ROWS

BATCH, STEPS = 4, 3


def make_inputs(shapes, generator):
    low, *shape = shapes
    if isinstance(low, str):
        return [generator.integers(0, int(low[4:]), (BATCH, *shape[0])).astype("float32")]
    return [generator.normal(size=(BATCH, *s)).astype("float32") for s in shapes]


def make_targets(settings, outputs, generator):
    loss = settings["loss"]
    name = loss if isinstance(loss, str) else getattr(loss, "name", "")
    targets = []
    for output in outputs:
        shape = (BATCH, *output.shape[1:])
        if "sparse" in name:
            targets.append(generator.integers(0, shape[-1], (BATCH, 1)).astype("float32"))
        elif "categorical" in name:
            targets.append(np.eye(shape[-1], dtype="float32")[generator.integers(0, shape[-1], BATCH)])
        elif "binary" in name:
            targets.append(generator.integers(0, 2, shape).astype("float32"))
        else:
            targets.append(generator.normal(size=shape).astype("float32"))
    return targets


def predict(model, inputs):
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return [np.asarray(o) for o in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def train(model, inputs, targets):
    x = inputs if len(inputs) > 1 else inputs[0]
    y = targets if len(targets) > 1 else targets[0]
    losses = []
    for _ in range(STEPS):
        model.reset_metrics()
        losses.append(float(np.ravel(model.train_on_batch(x, y))[0]))
    return losses


def measure(model, inputs, targets):
    x = inputs if len(inputs) > 1 else inputs[0]
    y = targets if len(targets) > 1 else targets[0]
    model.reset_metrics()
    logs = model.test_on_batch(x, y, return_dict=True)
    return {name: float(value) for name, value in logs.items()}


def flags(model):
    """Every layer's name and flag, models inside models included."""
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        found.append([layer.name, layer.trainable])
        if isinstance(layer, keras.Model):
            found += flags(layer)
    return sorted(found)


def class_names(model):
    found = set()
    for layer in model.layers:
        found |= class_names(layer) if isinstance(layer, keras.Model) else {type(layer).__name__}
        for inner in ("forward_layer", "layer"):
            if isinstance(getattr(layer, inner, None), keras.Layer):
                found.add(type(getattr(layer, inner)).__name__)
    return found - {"InputLayer"}


def write(folder):
    written = {}
    for name, settings in ROWS.items():
        keras.utils.set_random_seed(7)
        generator = np.random.default_rng(7)
        model, shapes = settings["build"]()
        inputs = make_inputs(shapes, generator)
        targets = make_targets(settings, model.outputs, generator)
        model.compile(
            optimizer=settings["optimizer"](),
            loss=settings["loss"],
            metrics=settings["metrics"],
            run_eagerly=True,
        )
        train(model, inputs, targets)
        for extension in ("keras", "weights.h5", "h5")[: 3 if settings["hdf5"] else 2]:
            save = model.save_weights if extension == "weights.h5" else model.save
            save(folder / f"{name}.{extension}")
        predictions = predict(model, inputs)
        arrays = {}
        for kind, values in (("inputs", inputs), ("targets", targets), ("outputs", predictions)):
            for i, value in enumerate(values):
                value.astype("<f4").tofile(folder / f"{name}.{kind}.{i}")
            arrays[kind] = [list(value.shape) for value in values]
        written[name] = dict(
            **arrays,
            random=settings["random"],
            constrained=settings["constrained"],
            hdf5=settings["hdf5"],
            layers=sorted(class_names(model)),
            sequential=isinstance(model, keras.Sequential),
            flags=flags(model),
            iterations=int(model.optimizer.iterations),
            losses=train(model, inputs, targets),
        )
    (folder / "written.json").write_text(json.dumps(written))


def difference(one, other):
    return max(float(np.max(np.abs(a - b))) for a, b in zip(one, other, strict=True))


def check(folder):
    written = json.loads((folder / "written.json").read_text())
    checked = {}
    for name, facts in written.items():
        try:
            checked[name] = check_one(folder, name, facts)
        except Exception as error:
            checked[name] = dict(error=f"{type(error).__name__}: {error}"[:2000])
    (folder / "checked.json").write_text(json.dumps(checked))


def check_one(folder, name, facts):
    def read(kind):
        return [
            np.fromfile(folder / f"{name}.{kind}.{i}", "<f4").reshape(shape)
            for i, shape in enumerate(facts[kind])
        ]

    inputs, targets, outputs = read("inputs"), read("targets"), read("outputs")
    model = keras.models.load_model(folder / f"{name}.back.keras")
    fresh = ROWS[name]["build"]()[0]
    fresh.load_weights(folder / f"{name}.back.weights.h5")
    own = keras.models.load_model(folder / f"{name}.keras")
    result = dict(
        logs=measure(model, inputs, targets),
        own_logs=measure(own, inputs, targets),
        difference=difference(predict(model, inputs), outputs),
        weights_difference=difference(predict(fresh, inputs), outputs),
        sequential=isinstance(model, keras.Sequential),
        flags=flags(model),
        own_flags=flags(own),
        compiled=bool(model.compiled),
        optimizer=type(model.optimizer).__name__,
        iterations=int(model.optimizer.iterations),
        losses=train(model, inputs, targets),
    )
    trained = keras.models.load_model(folder / f"{name}.trained.keras")
    result["trained_iterations"] = int(trained.optimizer.iterations)
    result["trained_difference"] = difference(predict(trained, inputs), read_after(folder, name, facts))
    return result


def read_after(folder, name, facts):
    return [
        np.fromfile(folder / f"{name}.after.{i}", "<f4").reshape(shape)
        for i, shape in enumerate(facts["outputs"])
    ]


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    {"write": write, "check": check}[sys.argv[1]](pathlib.Path(sys.argv[2]))
