"""Grad-CAM by Keras with tf.GradientTape: `gradCam.py folder`, which has NAME.keras and NAME.json for each case."""

import json
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf



def flat(model):
    """The layers of a Sequential and of those inside it."""
    return [
        inner
        for layer in model.layers
        for inner in (flat(layer) if isinstance(layer, keras.Sequential) else [layer])
    ]


def run(layers):
    """A function that calls layers one after the other."""

    def call(x):
        for layer in layers:
            x = layer(x)
        return x

    return call


results = {}
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    case = json.loads(file.with_suffix(".json").read_text())
    model = keras.models.load_model(file)
    x = tf.constant(np.array(case["image"], "float32"))[None]
    name = case["layer"]
    if isinstance(model, keras.Sequential):
        layers = flat(model)
        at = [layer.name for layer in layers].index(name) + 1
        first, rest = run(layers[:at]), run(layers[at:])
    else:
        both = keras.Model(model.inputs, [model.get_layer(name).output, model.output])
    with tf.GradientTape() as tape:
        if isinstance(model, keras.Sequential):
            activation = first(x)
            tape.watch(activation)
            after = rest(activation)
        else:
            activation, after = both(x)
        if after.shape[-1] == 1:
            score = after[0, 0] if case["classIndex"] == 1 else 1 - after[0, 0]
        else:
            score = after[0, case["classIndex"]]
    weights = tf.reduce_mean(tape.gradient(score, activation), axis=(0, 1, 2))
    heat = np.maximum(np.sum(activation[0].numpy() * weights.numpy(), axis=-1), 0)
    results[file.stem] = (heat / heat.max()).tolist() if heat.max() > 0 else heat.tolist()
print(json.dumps(results))
