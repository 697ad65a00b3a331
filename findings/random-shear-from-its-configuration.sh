#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: a layer that a model has saved can be read again by the Keras that wrote it.
# Seen:     RandomShear(0.2) writes its factors as (-0.2, 0.2), which its own constructor refuses: both have to be from 0
#           to 1. RandomTranslation and RandomZoom write the same and read it.
# Output:   RandomShear(0.2): TypeError; RandomShear((0.1, 0.2)): read
# So:       a model with this layer is lost once it is saved, unless the factors were given as a range above 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import keras


def outcome(layer):
    try:
        type(layer).from_config(layer.get_config())
        return "read"
    except (TypeError, ValueError) as error:
        return type(error).__name__


layers = keras.layers
one, ranged = outcome(layers.RandomShear(0.2)), outcome(layers.RandomShear((0.1, 0.2)))
print(f"RandomShear(0.2): {one}; RandomShear((0.1, 0.2)): {ranged}")
assert (one, ranged) == ("TypeError", "read")
assert outcome(layers.RandomZoom(0.2)) == outcome(layers.RandomTranslation(0.2, 0.2)) == "read"
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
