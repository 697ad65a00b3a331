"""What Keras 3 computes from NAME.3.keras, saved here from a file of Keras 2: `keras2_in_keras3.py FOLDER NAME…`."""

import json
import pathlib
import sys

import keras
import numpy as np


def alone(items):
    return items if len(items) > 1 else items[0]


def compute(folder, name, facts):
    def read(kind):
        return [np.reshape(each["data"], each["shape"]).astype("float32") for each in facts[kind]]

    inputs, targets, outputs = read("inputs"), read("targets"), read("outputs")
    model = keras.models.load_model(folder / f"{name}.3.keras")
    predicted = model(alone(inputs), training=False)
    predicted = predicted if isinstance(predicted, (list, tuple)) else [predicted]
    result = dict(difference=max(float(np.abs(a - b).max()) for a, b in zip(predicted, outputs, strict=True)))
    if model.compiled:
        result["losses"] = []
        model.run_eagerly = True
        for _ in range(3):
            model.reset_metrics()
            result["losses"].append(float(np.ravel(model.train_on_batch(alone(inputs), alone(targets)))[0]))
    return result


def main(folder, *names):
    facts = json.loads((folder / "facts.json").read_text())
    print(json.dumps({name: compute(folder, name, facts[name]) for name in names}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
