#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: query_mask, which MultiHeadAttention and GroupQueryAttention both take in their calls, says which queries count.
# Seen:     MultiHeadAttention puts the mask that its query brings along in its place, none if there is none: what is given is not looked
#           at. GroupQueryAttention, of the same arguments, uses it.
# Output:   changed by query_mask: MultiHeadAttention 0.0, GroupQueryAttention more
# So:       give MultiHeadAttention an attention_mask, or a query that has its mask from Embedding or Masking.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >try.py <<'PYTHON'
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(1)
query = np.random.default_rng(0).normal(size=(1, 3, 4)).astype("float32")
mask = np.array([[True, False, False]])


def change(layer):
    plain = keras.ops.convert_to_numpy(layer(query, query))
    masked = keras.ops.convert_to_numpy(layer(query, query, query_mask=mask))
    return float(np.abs(plain - masked).max())


heads = change(layers.MultiHeadAttention(num_heads=2, key_dim=2))
groups = change(layers.GroupQueryAttention(head_dim=2, num_query_heads=2, num_key_value_heads=1))
print(f"changed by query_mask: MultiHeadAttention {heads}, GroupQueryAttention {groups:.3f}")
assert heads == 0 and groups > 1e-3
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow venv/bin/python try.py 2>log ||
  { tail -n 20 log; exit 1; }
