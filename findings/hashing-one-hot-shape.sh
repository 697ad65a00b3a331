#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: a layer in a functional model gives what its symbolic output says.
# Seen:     Hashing(output_mode="one_hot") of three numbers an example says (None, 5) and gives (1, 3, 5); "multi_hot" and
#           "count" give what they say.
# Output:   one_hot: says (None, 5), gives (1, 3, 5); multi_hot: says (None, 5), gives (1, 5)
# So:       a Dense behind it is built for the shape that is said, and a port that trusts `output_shape` computes another thing
#           than the layer.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import numpy as np
import keras


def shapes(mode):
    x = keras.Input((3,), dtype="int32")
    y = keras.layers.Hashing(5, output_mode=mode)(x)
    given = keras.Model(x, y).predict(np.array([[1, 2, 3]], "int32"), verbose=0)
    return y.shape, given.shape


one, multi = shapes("one_hot"), shapes("multi_hot")
print(f"one_hot: says {one[0]}, gives {one[1]}; multi_hot: says {multi[0]}, gives {multi[1]}")
assert one == ((None, 5), (1, 3, 5))
assert multi == ((None, 5), (1, 5))
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
