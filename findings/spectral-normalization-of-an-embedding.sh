#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: SpectralNormalization around an Embedding, which it allows by name, gives the rows of the normalized table.
# Seen:     its output is cast to the type of its input. Numbers of words are whole ones, so the rows are, too: nearly all
#           are 0. With the same words as floats they are right.
# Output:   words as int32: output int32, largest 0; as float32: output float32, largest above 0
# So:       the layer learns nothing behind an integer input, without a word.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/spectral.py" <<'PYTHON'
import keras
import numpy as np

keras.utils.set_random_seed(0)
layer = keras.layers.SpectralNormalization(keras.layers.Embedding(5, 4))
words = np.array([[0, 1, 2, 3, 4]])
found = {}
for kind in ["int32", "float32"]:
    rows = keras.ops.convert_to_numpy(layer(words.astype(kind)))
    found[kind] = (str(rows.dtype), float(np.abs(rows).max()))
print("words as int32: output {}, largest {:.0f};".format(*found["int32"]), end=" ")
print("as float32: output {}, largest {}".format(found["float32"][0], "above 0" if found["float32"][1] > 0 else "0"))
assert found["int32"] == ("int32", 0) and found["float32"][0] == "float32" and found["float32"][1] > 0
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/spectral.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
