#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: a network with random weights gives other numbers for other pictures, as ResNet50 does.
# Seen:     MobileNet and MobileNetV2 with weights=None predict 0.5 exactly for every picture: without training the moving
#           averages of their BatchNormalizations rescale nothing, each depthwise convolution makes the signal smaller, and
#           nothing of it is left behind the last.
# Output:   MobileNet: 0.0; MobileNetV2: 0.0; ResNet50: more
# So:       a test that compares such a network's predictions passes whatever is wrong between; change the moving statistics
#           or the betas first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >"$work/try.py" <<'PYTHON'
import numpy as np
import keras

keras.utils.set_random_seed(1)
pictures = np.random.default_rng(0).uniform(-1, 1, (4, 96, 96, 3)).astype("float32")


def spread(network):
    model = network(weights=None, input_shape=(96, 96, 3), classes=2, classifier_activation=None)
    head = model.predict(pictures, verbose=0)
    return float(np.abs(head - head[:1]).max())


small, second = spread(keras.applications.MobileNet), spread(keras.applications.MobileNetV2)
residual = spread(keras.applications.ResNet50)
print(f"logits differ by: MobileNet {small:.0e}; MobileNetV2 {second:.0e}; ResNet50 {residual:.0e}")
assert small < 1e-6 and second < 1e-6 and residual > 1e-4
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow \
  "$work/venv/bin/python" "$work/try.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
