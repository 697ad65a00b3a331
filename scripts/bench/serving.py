"""What the benchmark's Python workers have in common: runs a workload each time a line comes on stdin,
for the line `profile` with what TensorFlow's profiler says of its ops.

Answers go to descriptor 3, a line of JSON each; what the workload prints goes to stdout, as for a user.
"""

import json
import os
import pathlib
import re
import sys
import tempfile
import time

# What these ops call is in the profile itself.
CALLS = {"PartitionedCall", "StatefulPartitionedCall", "While", "StatelessWhile", "If", "StatelessIf"}

ANSWERS = os.fdopen(3, "w", buffering=1)


def answer(**message):
    ANSWERS.write(json.dumps(message) + "\n")


def serve(workload):
    answer(ready=True)
    for line in sys.stdin:
        getattr(workload, "before", lambda: None)()
        if line.strip() == "profile":
            answer(profile=profile(workload))
            continue
        start = time.perf_counter()
        units = workload()
        answer(msPerUnit=(time.perf_counter() - start) * 1000 / units)


def profile(workload):
    """One run under TensorFlow's profiler: calls and milliseconds of each op for one unit of work."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        units = workload()
        tf.profiler.experimental.stop()
        (path,) = pathlib.Path(folder).glob("**/*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
    ops = {}
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            node = re.fullmatch(r"[\w/.-]+:(_?[A-Z]\w*)", plane.event_metadata[event.metadata_id].name)
            if node is None or node[1] in CALLS:
                continue
            op = ops.setdefault(node[1], {"calls": 0, "ms": 0, "flops": 0})
            op["calls"] += 1 / units
            op["ms"] += event.duration_ps / 1e9 / units
    return ops
