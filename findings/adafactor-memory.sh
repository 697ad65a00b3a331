#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: Adafactor keeps a row and a column for each matrix instead of a whole moving average (that is what it is for),
#           and relative_step=False turns its own step sizes off.
# Seen:     it keeps the row, the column and the whole matrix as well: more than RMSprop. relative_step is kept in the
#           configuration and read nowhere: the weights are the same to the last bit with and without it.
# Output:   a matrix of 512 × 512: Adafactor keeps 263168 numbers, RMSprop 262144; relative_step changes nothing
# So:       it saves no memory here.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import keras
import numpy as np


def trained(optimizer, shape=(512, 512)):
    variable = keras.Variable(np.ones(shape, "float32"))
    for step in range(3):
        optimizer.apply([np.full(shape, 0.5 + step, "float32")], [variable])
    kept = sum(int(np.prod(each.shape)) for each in optimizer.variables if len(each.shape) > 0)
    return np.array(variable), kept


relative, kept = trained(keras.optimizers.Adafactor(0.1))
absolute, _ = trained(keras.optimizers.Adafactor(0.1, relative_step=False))
_, whole = trained(keras.optimizers.RMSprop(0.1))
print(f"a matrix of 512 × 512: Adafactor keeps {kept} numbers, RMSprop {whole}")
assert kept == 512 * 512 + 2 * 512 and whole == 512 * 512
assert np.array_equal(relative, absolute) and not np.array_equal(relative, np.ones([512, 512]))
print("relative_step changes nothing")
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
