#!/usr/bin/env bash
# tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: TensorFlow's Conv2D for a processor knows no groups, or knows them with their gradients.
# Seen:     It computes groups, told by a filter of fewer channels than the input, and both of its gradients refuse them.
#           With oneDNN, which TensorFlow turns on by itself on newer processors only, both are there and right.
# Output:   oneDNN off: two groups as two convolutions, gradient by the filters: refused, by the images: refused
#           oneDNN on:  two groups as two convolutions, gradient by the filters: right, by the images: right
# So:       the same training step works on one processor and fails on another, or by an environment variable.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0
cat >"$work/groups.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

random = np.random.default_rng(0)
images = tf.constant(random.normal(size=[2, 6, 6, 4]), "float32")
filters = tf.constant(random.normal(size=[3, 3, 2, 8]), "float32")

with tf.GradientTape() as tape:
    tape.watch([images, filters])
    halves = [
        tf.nn.conv2d(half, part, 1, "SAME")
        for half, part in zip(tf.split(images, 2, -1), tf.split(filters, 2, -1))
    ]
    parted = tf.concat(halves, -1)
right = dict(zip(["images", "filters"], tape.gradient(parted, [images, filters])))

whole = tf.nn.conv2d(images, filters, 1, "SAME")
difference = float(tf.reduce_max(tf.abs(whole - parted)))
print("two groups beside two convolutions: largest difference below 1e-5:", difference < 1e-5)
assert difference < 1e-5


gradient = tf.ones_like(whole)
common = dict(out_backprop=gradient, strides=[1] * 4, padding="SAME")
gradients = {
    "filters": lambda: tf.raw_ops.Conv2DBackpropFilter(input=images, filter_sizes=filters.shape, **common),
    "images": lambda: tf.raw_ops.Conv2DBackpropInput(input_sizes=images.shape, filter=filters, **common),
}
for name, compute in gradients.items():
    try:
        found = "right" if float(tf.reduce_max(tf.abs(compute() - right[name]))) < 1e-4 else "wrong"
    except tf.errors.InvalidArgumentError:
        found = "refused"
    print(f"gradient by the {name}: {found}")
    assert found == sys.argv[1], found
print("as described, TensorFlow", tf.__version__)
PYTHON
for case in "0 refused" "1 right"; do
  read -r onednn gradients <<<"$case"
  echo "oneDNN $onednn"
  CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 TF_ENABLE_ONEDNN_OPTS=$onednn \
    "$work/venv/bin/python" "$work/groups.py" "$gradients" 2>"$work/log" ||
    { tail -n 20 "$work/log"; exit 1; }
done
