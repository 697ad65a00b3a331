"""What the benchmark's Python workers have in common: runs a workload each time a line comes on stdin.

Answers go to descriptor 3, a line of JSON each; what the workload prints goes to stdout, as for a user.
"""

import json
import os
import sys
import time

ANSWERS = os.fdopen(3, "w", buffering=1)


def answer(**message):
    ANSWERS.write(json.dumps(message) + "\n")


def serve(workload):
    answer(ready=True)
    for _ in sys.stdin:
        getattr(workload, "before", lambda: None)()
        start = time.perf_counter()
        units = workload()
        answer(msPerUnit=(time.perf_counter() - start) * 1000 / units)
