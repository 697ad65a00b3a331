#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 and on jax 0.10.2 (PyPI), Python 3.11, x86-64.
#
# Expected: automatic differentiation is exact, so a gradient penalty (WGAN-GP) through BatchNormalization or LayerNormalization
#           has the gradient that small changes of a weight show.
# Seen:     on TensorFlow it hasn't: tf.nn.moments stops gradients at the mean within its variance. A first derivative doesn't feel
#           that, a second does. A bias before BatchNormalization, which changes nothing, gets a gradient; one before
#           LayerNormalization gets another one. JAX's is right. All in float64.
# Output:   largest difference from small changes, of the largest gradient: tensorflow: batch 0.022, layer 0.030; jax: layer < 1e-4, with TensorFlow's small changes
# So:       critics with normalisation are trained off course under GradientTape, mildly and without a word.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1 jax==0.10.2
cd "$work"
cat >"$work/try.py" <<'PYTHON'
import sys

import keras
import numpy as np
from keras import layers, ops

backend = keras.backend.backend()
if backend == "jax":
    import jax
else:
    import tensorflow as tf
x = np.random.default_rng(0).normal(size=(4, 6, 6, 2))
kernel = np.random.default_rng(1).normal(size=(3, 3, 2, 4)) / 3
head = np.random.default_rng(2).normal(size=(4, 4, 4, 4))


def critic(normalize):
    layer = normalize(dtype="float64")
    layer.build((4, 4, 4, 4))

    def score(pictures, bias):
        y = ops.tanh(ops.conv(pictures, kernel, padding="valid") + bias)
        return ops.sum(layer(y, training=True) * head)

    return score


def gradient(score, bias):
    if backend == "jax":
        slope = jax.grad(score)
        return np.asarray(jax.grad(lambda b: ops.sum(slope(x, b) ** 2))(bias)), None
    pictures, variable = tf.constant(x), tf.Variable(bias)

    def penalty(b):
        with tf.GradientTape() as inner:
            inner.watch(pictures)
            total = score(pictures, b)
        return tf.reduce_sum(inner.gradient(total, pictures) ** 2)

    with tf.GradientTape() as outer:
        value = penalty(variable)
    return outer.gradient(value, variable).numpy(), lambda b: float(penalty(tf.constant(b)))


bias = np.array([0.3, -0.2, 0.1, 0.4])
kinds = {"layer": layers.LayerNormalization}
if backend == "tensorflow":
    kinds["batch"] = layers.BatchNormalization  # writes averages, which JAX keeps out of what it differentiates
for name, normalize in kinds.items():
    found, penalty = gradient(critic(normalize), bias)
    if backend == "tensorflow":
        steps = np.eye(4) * 1e-5
        wanted = np.array([(penalty(bias + step) - penalty(bias - step)) / 2e-5 for step in steps])
        np.save(f"{name}.npy", wanted)
    wanted = np.load(f"{name}.npy")
    off = np.abs(found - wanted).max() / np.abs(wanted).max()
    print(f"{backend}, {name}: off by {off:.1e}; {found.round(3)} for {wanted.round(3)}")
    assert off > 0.01 if backend == "tensorflow" else off < 1e-4
print("as described, Keras", keras.__version__, backend)
PYTHON
for backend in tensorflow jax; do
  CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=$backend JAX_ENABLE_X64=1 \
    "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
done
