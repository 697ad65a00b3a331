#!/usr/bin/env bash
# tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: tf.function computes what eager calls compute.
# Seen:     the second derivative through a max pooling of stride 1 with padding "SAME" is right eagerly and 0 under tf.function:
#           what comes out is as large as what goes in, so MaxPoolGradGrad writes its zeros over the gradient that it is about
#           to read. Stride 2, or "VALID", is right both ways.
# Output:   SAME, stride 1: eager 114.0, function 0.0; VALID, stride 1: 39.0, 39.0; SAME, stride 2: 12.0, 12.0
# So:       a gradient penalty through Inception's poolings trains nothing above them once a step is compiled.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0
cat >"$work/try.py" <<'PYTHON'
import numpy as np
import tensorflow as tf

x = tf.constant(np.random.default_rng(1).permutation(16).reshape(1, 4, 4, 1), tf.float32)
weight = tf.Variable(1.5)


def slope(stride, padding):
    """The derivative, for a weight, of the squared derivative of what a pooling gives, for what it is given."""
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            total = tf.reduce_sum(tf.nn.max_pool2d(x, 2, stride, padding) * weight)
        penalty = tf.reduce_sum(inner.gradient(total, x) ** 2)
    return outer.gradient(penalty, weight)


for stride, padding in [(1, "SAME"), (1, "VALID"), (2, "SAME")]:
    eager = slope(stride, padding).numpy()
    compiled = tf.function(lambda: slope(stride, padding))().numpy()
    print(f"{padding}, stride {stride}: eager {eager}, function {compiled}")
    assert eager > 0
    assert compiled == (0 if (stride, padding) == (1, "SAME") else eager)
print("as described, TensorFlow", tf.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$work/venv/bin/python" "$work/try.py" 2>"$work/log" \
  || { tail -n 20 "$work/log"; exit 1; }
