#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: the first fit of a new model is the same whether the optimizer was built beforehand or by fit itself.
# Seen:     with ScheduleFreeAdamW it is not. The optimizer keeps a second copy of each weight, which build() sets to the weight. Built by
#           the first fit, within the graph that is being traced, the copies begin at 0, and the first steps drag the weights there.
#           Adam is the same both ways.
# Output:   ScheduleFreeAdamW: built by fit [1.327, 0.837], built before [1.644, 0.938]; Adam: the same
# So:       call optimizer.build(model.trainable_variables) before the first fit.
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


def losses(make, built):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="tanh"), layers.Dense(1)])
    optimizer = make(0.05)
    model.compile(optimizer, "mse")
    if built:
        optimizer.build(model.trainable_variables)
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    return np.array(model.fit(x, x[:, :1], epochs=2, batch_size=16, shuffle=False, verbose=0).history["loss"])


for make, differs in [(keras.optimizers.ScheduleFreeAdamW, True), (keras.optimizers.Adam, False)]:
    late, early = losses(make, False), losses(make, True)
    print(f"{make.__name__}: built by fit {late.round(3)}, built before {early.round(3)}")
    assert (np.abs(late - early).max() > 0.05) if differs else np.allclose(late, early, atol=1e-6)
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow venv/bin/python try.py 2>log ||
  { tail -n 20 log; exit 1; }
