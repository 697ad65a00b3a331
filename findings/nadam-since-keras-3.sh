#!/usr/bin/env bash
# keras 3.15.1 beside tf-keras 2.21.0 (legacy optimizers) on tensorflow-cpu 2.21.0 (PyPI), Python 3.11 to 3.12.
#
# Expected: Nadam is one formula. Keras 3's goes on where Keras 2's file ends, once momentum, velocity and the product of
#           the momentum schedule are in their places.
# Seen:     the schedule is another one. Keras 2's legacy Nadam lowers the momentum by 0.96^(0.004 t), with an option
#           `schedule_decay` for it; Keras 3's by 0.96^t, without the option. Of equal gradients the second step differs
#           by several per cent, and no state makes one of the other.
# Output:   legacy   [-0.1, -0.1916, -0.2848, …]    (numbers as printed below)
# So:       a file that legacy Nadam trained can't be trained on with the same result; its weights are all that it gives.
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
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$work/venv/bin/python" "$work/nadam.py"
