#!/usr/bin/env bash
# tf2onnx 1.17.0, onnx 1.23.2, onnxruntime 1.32.0 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: resizing by area, the mean of what a new pixel covers, becomes a mean in ONNX or is refused, as antialiased
#           resizing is.
# Seen:     it becomes the nearest neighbour, rounded down: one of the pixels, without a warning. Bilinear, nearest and
#           bicubic resizing are converted rightly.
# Output:   area: TensorFlow [2.5, 4.5, 10.5, 12.5], ONNX [0.0, 2.0, 8.0, 10.0]
# So:       a model that shrinks its pictures by area sees other pictures once it is converted.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check \
  tensorflow-cpu==2.21.0 tf2onnx==1.17.0 onnx==1.23.2 onnxruntime==1.32.0
cat >"$work/area.py" <<'PYTHON'
import numpy as np
import onnxruntime
import tensorflow as tf
import tf2onnx

pixels = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
for method in ["bilinear", "nearest", "bicubic", "area"]:
    signature = [tf.TensorSpec([1, 4, 4, 1], tf.float32, name="pixels")]
    shrink = tf.function(lambda x: tf.image.resize(x, [2, 2], method=method), input_signature=signature)
    here = shrink(pixels).numpy().ravel().tolist()
    model, _ = tf2onnx.convert.from_function(shrink, signature, opset=18)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    there = session.run(None, {"pixels": pixels})[0].ravel().tolist()
    print(f"{method}: TensorFlow {here}, ONNX {there}")
    if method == "area":
        assert here == [2.5, 4.5, 10.5, 12.5] and there == [0, 2, 8, 10]
        assert [node.op_type for node in model.graph.node if node.op_type == "Resize"] == ["Resize"]
    else:
        assert np.allclose(here, there, atol=1e-4)
print("as described, tf2onnx", tf2onnx.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$work/venv/bin/python" "$work/area.py" 2>"$work/log" ||
  { tail -n 20 "$work/log"; exit 1; }
