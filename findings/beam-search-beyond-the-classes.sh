#!/usr/bin/env bash
# keras 3.15.1 on tensorflow-cpu 2.21.0 (PyPI), Python 3.11, x86-64.
#
# Expected: ops.ctc_decode finds the same classes with both strategies where one answer is by far the likeliest, and mask_index=-1, the
#           default elsewhere for the last class as the blank, is understood by both.
# Seen:     with mask_index=-1 beam search gives a class that there is not: 6, of four classes. Greedy is right with both
#           spellings, beam search with mask_index=3 only: it moves the blank to the end by arithmetic on the number itself.
# Output:   greedy 3: [0, 1, 2, 0]; greedy -1: [0, 1, 2, 0]; beam_search 3: [0, 1, 2, 0]; beam_search -1: [0, 1, 6, 0]
# So:       give the blank by its number, counted from 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 keras==3.15.1
cat >try.py <<'PYTHON'
import keras
import numpy as np

shares = np.array([[[0.6, 0.1, 0.1, 0.2], [0.1, 0.6, 0.1, 0.2], [0.1, 0.1, 0.6, 0.2], [0.6, 0.1, 0.1, 0.2]]], "float32")
found = {}
for strategy in ["greedy", "beam_search"]:
    for blank in [3, -1]:
        decoded, _ = keras.ops.ctc_decode(np.log(shares), [4], strategy=strategy, mask_index=blank)
        found[strategy, blank] = np.array(decoded)[0, 0].tolist()
        print(f"{strategy} {blank}: {found[strategy, blank]}")
read = [0, 1, 2, 0]
assert found["greedy", 3] == found["greedy", -1] == found["beam_search", 3] == read
assert max(found["beam_search", -1]) > 3
print("as described, Keras", keras.__version__)
PYTHON
CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow venv/bin/python try.py 2>log ||
  { tail -n 20 log; exit 1; }
