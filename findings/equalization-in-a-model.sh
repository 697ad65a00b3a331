#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: layers.Equalization evens out pictures' histograms wherever it stands.
# Seen:     called by itself it does. In a functional model it is gone: its symbolic call gives back its own input, so
#           the model has no such layer and changes no pixel, without a word.
# Output:   by itself 0..120 becomes 0..255; the model's layers: InputLayer, Rescaling; its pixels 0..120
# So:       it has to be mapped over the data instead.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import keras
import numpy as np

pictures = (np.arange(2 * 8 * 8 * 3) % 121).reshape(2, 8, 8, 3).astype("float32")
alone = np.array(keras.layers.Equalization()(pictures))
inputs = keras.Input([8, 8, 3])
outputs = keras.layers.Rescaling(1.0)(keras.layers.Equalization()(inputs))
model = keras.Model(inputs, outputs)
within = np.array(model(pictures, training=True))
names = ", ".join(type(layer).__name__ for layer in model.layers)
print(
    f"by itself {pictures.min():.0f}..{pictures.max():.0f} becomes {alone.min():.0f}..{alone.max():.0f}; "
    f"the model's layers: {names}; its pixels {within.min():.0f}..{within.max():.0f}"
)
assert alone.max() == 255 and names == "InputLayer, Rescaling" and np.array_equal(within, pictures)
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
