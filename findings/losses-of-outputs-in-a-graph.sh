#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11 to 3.12, on a processor.
#
# Expected: of a model with two outputs, `loss` is the sum of the outputs' losses, and all three are means over the
#           samples; whether the step is compiled changes nothing.
# Seen:     in a compiled step the outputs' losses are means over the batches: a last batch of one sample counts as
#           much as one of four. `loss` is weighed by samples all the same, so the parts don't add up to it. With
#           run_eagerly=True they do. A model of one output shows nothing of this.
# Output:   compiled {'loss': 40.0, 'o0_loss': 50.0, 'o1_loss': 50.0}
#           eagerly  {'loss': 40.0, 'o0_loss': 20.0, 'o1_loss': 20.0}
# So:       `monitor="val_o0_loss"` steers by another number than the data's, and its value depends on the batch size.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0
cat >"$work/losses.py" <<'PYTHON'
import keras
import numpy as np

# Four samples without an error and one with an error of 10: a mean of 20, of batches of four a mean of (0 + 100) / 2.
x = np.zeros((5, 1), "float32")
y = np.array([[0], [0], [0], [0], [10]], "float32")


def losses(outputs, run_eagerly):
    inputs = keras.Input((1,))
    heads = [keras.layers.Dense(1, kernel_initializer="zeros", name=f"o{i}")(inputs) for i in range(outputs)]
    model = keras.Model(inputs, heads)
    model.compile("sgd", ["mse"] * outputs, run_eagerly=run_eagerly)
    return model.evaluate(x, [y] * outputs, batch_size=4, verbose=0, return_dict=True)


compiled, eagerly = losses(2, False), losses(2, True)
print("compiled", compiled)
print("eagerly ", eagerly)
assert compiled == {"loss": 40.0, "o0_loss": 50.0, "o1_loss": 50.0}
assert eagerly == {"loss": 40.0, "o0_loss": 20.0, "o1_loss": 20.0}
assert losses(1, False)["loss"] == losses(1, True)["loss"] == 20.0
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$work/venv/bin/python" "$work/losses.py" 2>"$work/log" ||
  { tail -n 20 "$work/log"; exit 1; }
