"""Grad-CAM by Keras with tf.GradientTape: `gradCam.py folder`, which has NAME.keras and NAME.json for each case."""

import json
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf

results = {}
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    case = json.loads(file.with_suffix(".json").read_text())
    model = keras.models.load_model(file)
    x = tf.constant(np.array(case["image"], "float32"))[None]
    path = case["layer"]  # names from the outermost model to the layer
    owner = model
    for name in path[:-1]:
        owner = owner.get_layer(name)
    # Up to and including the layer, then what follows, model by model.
    inside = keras.Model(owner.inputs, [owner.get_layer(path[-1]).output, owner.output])
    with tf.GradientTape() as tape:
        before = x
        if owner is not model:
            for layer in model.layers:
                if layer is owner:
                    break
                before = layer(before)
        activation, after = inside(before)
        tape.watch(activation)
        if owner is not model:
            seen = False
            for layer in model.layers:
                if seen:
                    after = layer(after)
                seen = seen or layer is owner
        if after.shape[-1] == 1:
            score = after[0, 0] if case["classIndex"] == 1 else 1 - after[0, 0]
        else:
            score = after[0, case["classIndex"]]
    weights = tf.reduce_mean(tape.gradient(score, activation), axis=(0, 1, 2))
    heat = np.maximum(np.sum(activation[0].numpy() * weights.numpy(), axis=-1), 0)
    results[file.stem] = (heat / heat.max()).tolist()
print(json.dumps(results))
