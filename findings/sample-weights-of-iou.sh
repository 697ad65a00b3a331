#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: a pixel with the sample weight 0.5 counts half as much as one with 1.
# Seen:     MeanIoU and its kin count in whole numbers and cut the weights: 0.9 counts 0, 1.9 counts 1, without a word.
#           With weights that are all below 1 the metric is 0 for perfect predictions.
# Output:   perfect predictions: weight 1 gives 1.0, weight 0.9 gives 0.0
# So:       weights of classes or borders have to be scaled to whole numbers.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import keras

seen = {}
for weight in [1.0, 0.9]:
    metric = keras.metrics.MeanIoU(num_classes=2)
    metric.update_state([0, 1, 1, 0], [0, 1, 1, 0], sample_weight=[weight] * 4)
    seen[weight] = float(metric.result())
print(f"perfect predictions: weight 1 gives {seen[1.0]}, weight 0.9 gives {seen[0.9]}")
assert seen == {1.0: 1.0, 0.9: 0.0}
# 1.9 counts as 1: one error of weight 1.9 is one of four pixels, as without weights.
results = []
for weights in [None, [1.9, 1.0, 1.0, 1.0]]:
    metric = keras.metrics.MeanIoU(num_classes=2)
    metric.update_state([0, 1, 1, 0], [1, 1, 1, 0], sample_weight=weights)
    results.append(float(metric.result()))
assert results[0] == results[1]
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
