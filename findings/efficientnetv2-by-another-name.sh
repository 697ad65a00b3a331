#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: `name` of a network in keras.applications is what the model is called, and nothing else.
# Seen:     EfficientNetV2B0(name="mine") is a KeyError: the name looks up the settings of the blocks. EfficientNetB0 takes any
#           name, as the other networks do.
# Output:   mine: KeyError; efficientnetv2-b0: ok; EfficientNetB0 as mine: ok
# So:       two of them in one model can't be told apart by name, and a port has to take the name for a name.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import keras


def outcome(network, name):
    try:
        network(weights=None, name=name, input_shape=(64, 64, 3), classes=2)
        return "ok"
    except KeyError as error:
        return type(error).__name__


second, first = keras.applications.EfficientNetV2B0, keras.applications.EfficientNetB0
mine, own, older = outcome(second, "mine"), outcome(second, "efficientnetv2-b0"), outcome(first, "mine")
print(f"mine: {mine}; efficientnetv2-b0: {own}; EfficientNetB0 as mine: {older}")
assert (mine, own, older) == ("KeyError", "ok", "ok")
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
