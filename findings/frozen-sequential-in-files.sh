#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: `trainable = False` of a model within a model is kept in a .keras file.
# Seen:     a Functional keeps it. A Sequential comes back with trainable True over layers that are frozen one by one.
# Output:   Functional: False; Sequential: True, its layers [False]
# So:       after loading, `base.trainable` doesn't say whether a base is frozen where it is a Sequential; its weights do.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import os
import tempfile
import keras


def read_again(base):
    base.trainable = False
    model = keras.Sequential([keras.Input((3,)), base])
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model.keras")
        model.save(file)
        return keras.models.load_model(file).layers[0]


x = keras.Input((3,))
functional = read_again(keras.Model(x, keras.layers.Dense(2)(x)))
sequential = read_again(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
layers = [layer.trainable for layer in sequential.layers]
print(f"Functional: {functional.trainable}; Sequential: {sequential.trainable}, its layers {layers}")
assert functional.trainable is False
assert sequential.trainable is True and layers == [False]
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
