#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: a model that was compiled with jit_compile="auto", the default, is saved with "auto" and decides anew where it is loaded.
# Seen:     "auto" becomes a truth value as the model is compiled, False on a processor, and the file has that: loaded beside a GPU
#           the model is never compiled by XLA, and True from there asks for XLA here.
# Output:   asked for: auto; in the file: False; of the model that is loaded: False
# So:       compile again after loading, or set model.jit_compile.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >try.py <<'PYTHON'
import json
import zipfile

import keras

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse", jit_compile="auto")
model.save("model.keras")
with zipfile.ZipFile("model.keras") as archive:
    kept = json.loads(archive.read("config.json"))["compile_config"]["jit_compile"]
loaded = keras.models.load_model("model.keras").jit_compile
print(f"asked for: auto; in the file: {kept}; of the model that is loaded: {loaded}")
assert kept is False and loaded is False
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow venv/bin/python try.py 2>log ||
  { tail -n 20 log; exit 1; }
