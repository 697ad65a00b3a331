#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: sparsemax gives shares that add up to 1, as softmax does: [1, 0.9, 0.1] becomes [0.55, 0.45, 0].
# Seen:     it does while one share is left. As soon as two are, what is taken off each is too much, and the shares add up
#           to less than 1, the less the closer the two are; of two equal ones nothing is left.
# Output:   [2.  0.  0.5]: [1. 0. 0.], by the paper [1. 0. 0.]
#           [1.  0.9 0.1]: [0.05 0.   0.  ], by the paper [0.55 0.45 0.  ]
#           [1. 1. 0.]: [0. 0. 0.], by the paper [0.5 0.5 0. ]
# So:       attention or a classifier with this activation has no distribution; the paper's formula is another.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import keras
import numpy as np


def paper(x):
    """Martins and Astudillo 2016, algorithm 1."""
    z = np.sort(x)[::-1]
    k = np.arange(1, len(z) + 1)
    support = k[1 + k * z > np.cumsum(z)][-1]
    return np.maximum(x - (np.cumsum(z)[support - 1] - 1) / support, 0)


for x, seen in [([2, 0, 0.5], [1, 0, 0]), ([1, 0.9, 0.1], [0.05, 0, 0]), ([1, 1, 0], [0, 0, 0])]:
    x = np.array(x, "float32")
    shares = np.array(keras.activations.sparsemax(x[None]))[0]
    print(f"{x}: {shares.round(4)}, by the paper {paper(x).round(4)}")
    assert np.allclose(shares, seen, atol=1e-6) and np.isclose(paper(x).sum(), 1)
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
