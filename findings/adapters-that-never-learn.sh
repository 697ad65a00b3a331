#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: a model with low-rank adapters (lora_rank) goes on learning after saving and loading, with its lora_alpha.
# Seen:     the file holds the kernel with what the adapters added, and loading makes both matrices of the adapter zero. The gradient of
#           each is the other times something: both stay zero for good, while the kernel is frozen. Only the bias learns. And Dense
#           and Embedding drop the lora_alpha that they are given as they are built: it becomes the rank. EinsumDense keeps it.
# Output:   alpha 4 became: Dense 2, EinsumDense 4; after loading: a 0.0, b 0.0; moved by 5 epochs: bias 0.007, a 0.0, b 0.0
# So:       call enable_lora() on a model loaded without adapters, and set alpha there.
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
dense = layers.Dense(3, lora_rank=2, lora_alpha=4)
einsum = layers.EinsumDense("ab,bc->ac", output_shape=3, lora_rank=2, lora_alpha=4)
model = keras.Sequential([keras.Input((4,)), dense])
keras.Sequential([keras.Input((4,)), einsum])
print(f"alpha 4 became: Dense {dense.lora_alpha}, EinsumDense {einsum.lora_alpha}")
assert (dense.lora_alpha, einsum.lora_alpha) == (2, 4)

random = np.random.default_rng(0)
x, y = random.normal(size=(32, 4)).astype("float32"), random.normal(size=(32, 3)).astype("float32")
model.compile("sgd", "mse")
model.fit(x, y, epochs=2, verbose=0)
assert np.abs(dense.lora_kernel_b.numpy()).max() > 0
model.save("adapted.keras")
loaded = keras.models.load_model("adapted.keras")
assert np.abs(loaded.predict(x, verbose=0) - model.predict(x, verbose=0)).max() < 1e-5
before = {weight.name: weight.numpy() for weight in loaded.trainable_variables}
zeros = {name: float(np.abs(value).max()) for name, value in before.items() if "lora" in name}
loaded.fit(x, y, epochs=5, verbose=0)
moved = {weight.name: float(np.abs(weight.numpy() - before[weight.name]).max()) for weight in loaded.trainable_variables}
print("after loading:", zeros)
print("moved by 5 epochs:", moved)
assert all(value == 0 for value in zeros.values()) and moved["bias"] > 0.001
assert all(value == 0 for name, value in moved.items() if "lora" in name)
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow venv/bin/python try.py 2>log ||
  { tail -n 20 log; exit 1; }
