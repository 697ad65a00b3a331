#!/usr/bin/env bash
# keras 3.15.1 beside tf-keras 2.21.0 (legacy optimizers) on tensorflow-cpu 2.21.0 (PyPI), Python 3.11 to 3.12.
#
# Expected: Nadam is one formula in all of Keras: a training goes on in Keras 3 from the state that Keras 2 has saved.
# Seen:     Keras 2's legacy Nadam lowers its momentum by 0.96^(0.004 t), Keras 3's by 0.96^t. Of the same gradients already
#           the first step differs, by 0.7 %, and the second by 4 %. The newer optimizer of Keras 2 is Keras 3's to the digit.
# Output:   legacy  [-0.1056, -0.0645, -0.1643, -0.1862]
#           keras 2 [-0.1063, -0.067, -0.1618, -0.1843]
#           keras 3 [-0.1063, -0.067, -0.1618, -0.1843]
# So:       momentum, velocity and schedule of a legacy file have places in Keras 3's Nadam, and still it trains something else.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check \
  keras==3.15.1 tf-keras==2.21.0 tensorflow-cpu==2.21.0
cat >"$work/nadam.py" <<'PYTHON'
import keras
import numpy as np
import tensorflow as tf
import tf_keras

gradients = [1.0, -0.5, 2.0, 0.25]


def path(optimizer, variable):
    values = []
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant([gradient]), variable)])
        values.append(round(float(variable.numpy()[0]), 4))
    return values


options = dict(learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7)
legacy = path(tf_keras.optimizers.legacy.Nadam(**options), tf.Variable([0.0]))
newer = path(tf_keras.optimizers.Nadam(**options), tf.Variable([0.0]))
three = path(keras.optimizers.Nadam(**options), keras.Variable([0.0]))
print("legacy ", legacy)
print("keras 2", newer)
print("keras 3", three)
assert legacy == [-0.1056, -0.0645, -0.1643, -0.1862]
assert newer == three == [-0.1063, -0.067, -0.1618, -0.1843]
print("as described, Keras", keras.__version__, "and", tf_keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$work/venv/bin/python" "$work/nadam.py" 2>"$work/log" ||
  { tail -n 20 "$work/log"; exit 1; }
