#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0, jax 0.10.2 and openvino 2026.4.1 (PyPI), Python 3.11, x86-64.
#
# Expected: Resizing is one function in Keras 3, whose backends agree within rounding.
# Seen:     Under OpenVINO, the backend for serving, nearest takes other pixels (halves are rounded up), bicubic has
#           another curve, and its antialiasing does nothing, without a word. TensorFlow and JAX agree, but for bicubic
#           at sizes that don't divide, where TensorFlow takes its weights from a table and is 0.005 of 36 beside JAX.
# Output:   [0, 1, 4, 9, 16, 25, 36, 49] to three pixels
#           tensorflow: nearest [1.0, 16.0, 36.0], bicubic [0.697, 12.25, 38.33], antialiased [1.036, 12.719, 37.485]
#           jax:        nearest [1.0, 16.0, 36.0], bicubic [0.698, 12.25, 38.325], antialiased [1.036, 12.719, 37.485]
#           openvino:   nearest [4.0, 16.0, 49.0], bicubic [0.706, 12.25, 38.201], antialiased [0.706, 12.25, 38.201]
# So:       a model that resizes its own input sees other pictures where it is served than where it was trained.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check \
  keras==3.15.1 tensorflow-cpu==2.21.0 jax==0.10.2 openvino==2026.4.1 scipy
cat >"$work/resizing.py" <<'PYTHON'
import keras
import numpy as np

pixels = np.array([0, 1, 4, 9, 16, 25, 36, 49], "float32").reshape(1, 1, 8, 1)


def resized(**options):
    layer = keras.layers.Resizing(1, 3, **options)
    return np.round(keras.ops.convert_to_numpy(layer(pixels)).ravel().astype("float64"), 3).tolist()


nearest = resized(interpolation="nearest")
bicubic = resized(interpolation="bicubic")
smooth = resized(interpolation="bicubic", antialias=True)
backend = keras.backend.backend()
print(f"{backend}: nearest {nearest}, bicubic {bicubic}, antialiased {smooth}")
seen = {
    "tensorflow": ([1, 16, 36], [0.697, 12.25, 38.33], [1.036, 12.719, 37.485]),
    "jax": ([1, 16, 36], [0.698, 12.25, 38.325], [1.036, 12.719, 37.485]),
    "openvino": ([4, 16, 49], [0.706, 12.25, 38.201], [0.706, 12.25, 38.201]),
}
assert np.allclose([nearest, bicubic, smooth], seen[backend], atol=0.0015)
PYTHON
for backend in tensorflow jax openvino; do
  KERAS_BACKEND=$backend CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 \
    "$work/venv/bin/python" "$work/resizing.py" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
done
echo "as described, Keras 3.15.1"
