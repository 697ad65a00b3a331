#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: padding that an Embedding masks changes nothing for the words before it, however many blocks of attention
#           with a residual connection follow.
# Seen:     it does from the second block on. MultiHeadAttention takes the masks off its inputs while the model runs, so
#           the sum of its input and its output has none, and the next block attends to the padding. In the model's
#           graph, as it was made, the mask is there.
# Output:   1 block of attention: padding moves the words by less than 1e-6
#           2 blocks of attention: padding moves the words by more than 0.01
# So:       a text's meaning depends on how far it was padded; `attention_mask` has to be passed by hand.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/masks.py" <<'PYTHON'
import keras
import numpy as np


def encoder(blocks, length):
    """The same weights for each length."""
    keras.utils.set_random_seed(0)
    words = keras.Input([length], dtype="int32")
    hidden = keras.layers.Embedding(9, 8, mask_zero=True)(words)
    for _ in range(blocks):
        attended = keras.layers.MultiHeadAttention(1, 4)(hidden, hidden)
        hidden = keras.layers.Add()([hidden, attended])
    return keras.Model(words, hidden)


for blocks in [1, 2]:
    long, short = encoder(blocks, 4), encoder(blocks, 2)
    short.set_weights(long.get_weights())
    padded = np.asarray(long(np.array([[3, 4, 0, 0]])))[0, :2]
    bare = np.asarray(short(np.array([[3, 4]])))[0]
    difference = np.abs(padded - bare).max()
    if blocks == 1:
        assert difference < 1e-6, difference
        print("1 block of attention: padding moves the words by less than 1e-6")
    else:
        assert difference > 0.01, difference
        print("2 blocks of attention: padding moves the words by more than 0.01")
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/masks.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
