#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: a compiled model that is saved and loaded has the loss that it had, with its settings.
# Seen:     Huber's delta, the axis of CosineSimilarity and that of SparseCategoricalCrossentropy aren't in their
#           configurations. The model is loaded with the defaults, without a word; the other losses keep theirs.
# Output:   Huber(delta=5), errors of 10: saved 37.5, loaded 9.5
#           no axis: CosineSimilarity, SparseCategoricalCrossentropy
# So:       training that goes on from a file minimizes another loss; a file has to be compiled anew.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/loss.py" <<'PYTHON'
import sys

import keras
import numpy as np

inputs, outputs = np.ones([4, 1], "float32"), np.full([4, 1], 10, "float32")
model = keras.Sequential([keras.Input([1]), keras.layers.Dense(1, kernel_initializer="zeros")])
model.compile(loss=keras.losses.Huber(delta=5.0))
saved = model.evaluate(inputs, outputs, verbose=0)
model.save(sys.argv[1])
loaded = keras.models.load_model(sys.argv[1]).evaluate(inputs, outputs, verbose=0)
print(f"Huber(delta=5), errors of 10: saved {saved}, loaded {loaded}")
assert (saved, loaded) == (37.5, 9.5)

losses = keras.losses
others = [losses.BinaryCrossentropy, losses.CategoricalCrossentropy, losses.CategoricalFocalCrossentropy, losses.Dice]
kinds = [losses.CosineSimilarity, losses.SparseCategoricalCrossentropy, *others]
without = [kind.__name__ for kind in kinds if "axis" not in kind(axis=1).get_config()]
print("no axis:", ", ".join(without))
assert without == ["CosineSimilarity", "SparseCategoricalCrossentropy"]
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/loss.py" "$work/model.keras" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
