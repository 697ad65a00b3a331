#!/usr/bin/env bash
# Keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: with data_format="channels_first" a convolution adds its bias to the channels, whatever the size of pictures.
# Seen:     where pictures come out as wide as there are filters, the bias is added to the columns. `keras.ops.add` takes
#           [1, n, 1, 1] for a bias of the last axis whenever that has n places, too.
# Output:   4 filters, 5 columns: added to the channels
#           4 filters, 4 columns: added to the columns
#           ops.add of [1, 4, 1, 1] to [2, 4, 3, 4]: added to the columns
# So:       a model with channels first may compute something else for pictures of one width.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/bias.py" <<'PYTHON'
import keras
import numpy as np

bias = np.arange(1, 5, dtype="float32")


def place(output):
    """Where ones of a bias went, of an output that is 0 without it."""
    for name, shape in {"channels": (1, 4, 1, 1), "columns": (1, 1, 1, 4)}.items():
        if output.shape[{"channels": 1, "columns": 3}[name]] == 4:
            if np.array_equal(output, np.broadcast_to(bias.reshape(shape), output.shape)):
                return name
    return "nothing"


found = []
for columns in [5, 4]:
    layer = keras.layers.SeparableConv2D(4, 2, data_format="channels_first")
    pictures = np.zeros((2, 3, 6, columns + 1), "float32")
    layer.build(pictures.shape)
    layer.bias.assign(bias)
    found.append(place(np.array(layer(pictures))))
    print(f"4 filters, {columns} columns: added to the {found[-1]}")
found.append(place(np.array(keras.ops.add(np.zeros((2, 4, 3, 4), "float32"), bias.reshape(1, 4, 1, 1)))))
print(f"ops.add of [1, 4, 1, 1] to [2, 4, 3, 4]: added to the {found[-1]}")
assert found == ["channels", "columns", "columns"], found
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/bias.py" 2>"$work/log" ||
  { tail -n 20 "$work/log"; exit 1; }
