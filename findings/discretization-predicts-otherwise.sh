#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: `model.predict(x)` gives what `model(x)` gives.
# Seen:     of Discretization([0.5, 1.5], dtype="int32") on 0.2, 0.7 and 1.7 the call gives 0, 1, 2 and predict 0, 0, 1: in
#           the compiled function the numbers are made whole before they are looked up.
# Output:   call [0, 1, 2]; predict [0, 0, 1]
# So:       the policy of a layer that takes floats and gives whole numbers must stay a float one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import numpy as np
import keras

x = keras.Input((3,))
model = keras.Model(x, keras.layers.Discretization(bin_boundaries=[0.5, 1.5], dtype="int32")(x))
numbers = np.array([[0.2, 0.7, 1.7]], "float32")
called, predicted = np.array(model(numbers))[0].tolist(), model.predict(numbers, verbose=0)[0].tolist()
print(f"call {called}; predict {predicted}")
assert called == [0, 1, 2] and predicted == [0, 0, 1]
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
