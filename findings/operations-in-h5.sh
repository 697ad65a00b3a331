#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11.
#
# Expected: A functional model with arithmetic on its tensors, `x / 2 - 1`, is read again by the Keras that saved it, in
#           each of its two formats.
# Seen:     Keras saves it as `.h5` without a word but for the format's age, and can't read that file: the operation's
#           entry lacks the module that the `.keras` file has, so its name is looked for among the layers.
# Output:   model.keras is read
#           model.h5 ValueError Unknown layer: 'TrueDivide'
# So:       every `preprocess_input` within a model makes an `.h5` of Keras' own that Keras refuses.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0
cat >"$work/operations.py" <<'PYTHON'
import keras

inputs = keras.Input((4,))
model = keras.Model(inputs, keras.layers.Dense(2)(inputs / 2 - 1))
for name in ["model.keras", "model.h5"]:
    model.save(name)
    try:
        keras.models.load_model(name)
        print(name, "is read")
        assert name == "model.keras"
    except (TypeError, ValueError) as error:
        print(name, type(error).__name__, str(error).split(".")[0][:90])
        assert name == "model.h5" and "TrueDivide" in str(error)
print("as described, Keras", keras.__version__)
PYTHON
cd "$work"
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow "$work/venv/bin/python" operations.py 2>"$work/log" ||
  { tail -n 20 "$work/log"; exit 1; }
