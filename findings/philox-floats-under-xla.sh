#!/usr/bin/env bash
# tensorflow-cpu 2.21.0 (PyPI), Python 3.10 to 3.12, on a processor alone.
#
# Expected: a stateless random op is a function of its key, most of all where the algorithm is named; compiling it by
#           XLA on the same processor changes nothing.
# Seen:     integers are the same, floats are not. Both ways draw the same Philox words. TensorFlow's kernel makes a
#           float of a word's 23 low bits, XLA of its 23 high bits. So tf.random.stateless_uniform(..., alg="philox"),
#           stateless_normal and the raw ops, of version 1 and 2, all give other numbers under jit_compile=True.
# Output:   plain    [0.8440604  0.19204533 0.9962232  0.1603874 ]
#           compiled [0.25750792 0.4046719  0.9218676  0.08625066]
# So:       dropout and augmentation of a seeded model change with jit_compile. Who wants eager's numbers in a step
#           compiled by XLA draws integers and makes the floats itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0
cat >"$work/draw.py" <<'PYTHON'
import numpy as np
import tensorflow as tf

seed = tf.constant([1, 2])  # fed as an argument: a constant would be folded before XLA sees it
COUNT = 4096


def uniform(s):
    return tf.random.stateless_uniform([COUNT], s, alg="philox")


def uniform1(s):
    return tf.raw_ops.StatelessRandomUniform(shape=[COUNT], seed=s)


def normal(s):
    return tf.random.stateless_normal([COUNT], s, alg="philox")


def words(s):
    return tf.random.stateless_uniform([COUNT], s, None, None, tf.int32, alg="philox")


def both(draw):
    return draw(seed).numpy(), tf.function(draw, jit_compile=True)(seed).numpy()


plain, compiled = both(words)
assert np.array_equal(plain, compiled), "the words differ"
bits = plain.view(np.uint32)
for draw in uniform, uniform1:
    plain, compiled = both(draw)
    print("plain   ", plain[:4], "\ncompiled", compiled[:4])
    assert np.array_equal(plain, (bits & 0x7FFFFF) / np.float32(2**23)), "the kernel takes other bits"
    assert np.array_equal(compiled, (bits >> 9) / np.float32(2**23)), "XLA takes other bits"
plain, compiled = both(normal)
assert np.abs(plain - compiled).max() > 1, "normal numbers agree"
print("as described, TensorFlow", tf.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$work/venv/bin/python" "$work/draw.py" 2>"$work/log" ||
  { tail -n 20 "$work/log"; exit 1; }
