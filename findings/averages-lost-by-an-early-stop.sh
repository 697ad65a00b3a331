#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: with an optimizer that averages weights (use_ema) a fit ends with the averages, whenever it ends.
# Seen:     with SwapEMAWeights(swap_on_epoch=True) and a fit that EarlyStopping ends, the model ends with the last step's own weights and
#           the averages are gone: they were swapped into the model, and the end of fit copies over them what was swapped out.
#           The callback provides for the last epoch by its number only.
# Output:   all epochs: averages; stopped: the last step's weights
# So:       leave the callback out where fit may stop early (fit ends with averages by itself), or save within on_epoch_end.
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


class Notes(keras.callbacks.Callback):
    def __init__(self, stop_after):
        super().__init__()
        self.stop_after = stop_after

    def on_epoch_end(self, epoch, logs=None):
        average = self.model.optimizer._model_variables_moving_average[0]
        self.average, self.plain = np.array(average), self.model.get_weights()[0]
        if epoch + 1 == self.stop_after:
            self.model.stop_training = True


def trained(epochs):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9), "mse")
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    notes = Notes(stop_after=2)
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    model.fit(x, x[:, :1], epochs=epochs, batch_size=16, shuffle=False, verbose=0, callbacks=[notes, swap])
    final = model.get_weights()[0]
    return np.abs(final - notes.average).max(), np.abs(final - notes.plain).max()


whole, stopped = trained(epochs=2), trained(epochs=5)
print(f"all epochs: {whole[0]:.3f} from the averages; stopped: {stopped[0]:.3f} from them, {stopped[1]:.3f} from the last step")
assert whole[0] < 1e-6 and whole[1] > 0.01
assert stopped[0] > 0.01 and stopped[1] < 1e-6
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow venv/bin/python try.py 2>log ||
  { tail -n 20 log; exit 1; }
