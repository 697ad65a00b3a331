"""Interrupts a cell as JupyterLab's stop button does, with a real kernel, and reports what was seen.

Reads from standard input, as JSON: `before` (a cell to run first), `cell` (the one to interrupt),
`ready` (text on its stdout to wait for) and `after` (cells to run next). Writes one JSON object.
"""

import json
import subprocess
import sys
import time
from queue import Empty

from jupyter_client.manager import start_new_kernel

TIMEOUT_S = 60


def read_output(client, request, until=None):
    """Text that a request wrote, by stream, its error last; up to its idle message or the text `until`."""
    streams = {"stdout": "", "stderr": ""}
    while True:
        message = client.get_iopub_msg(timeout=TIMEOUT_S)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "stream":
            streams[message["content"]["name"]] += message["content"]["text"]
        if message["msg_type"] == "error":
            streams["stderr"] += "\n".join(message["content"]["traceback"]) + "\n"
        if until is not None and until in streams["stdout"]:
            return streams
        if message["content"].get("execution_state") == "idle":
            if until is not None:
                raise RuntimeError(f"The cell ended before it wrote {until!r}: {streams}")
            return streams


def reply_to(client, request):
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            message = client.get_shell_msg(timeout=1)
        except Empty:
            if not client.is_alive():
                raise RuntimeError("The kernel died") from None
            continue
        if message["parent_header"].get("msg_id") == request:
            return message["content"]["status"]
    raise RuntimeError(f"The kernel did not answer within {TIMEOUT_S} s")


def run(client, code):
    request = client.execute(code)
    return {"status": reply_to(client, request), **read_output(client, request)}


def main():
    task = json.load(sys.stdin)
    manager, client = start_new_kernel(
        kernel_name="tslab", startup_timeout=TIMEOUT_S, cwd=sys.argv[1], stdout=subprocess.DEVNULL
    )
    try:
        before = run(client, task["before"])
        if before["status"] != "ok":
            raise RuntimeError(before["stderr"])
        request = client.execute(task["cell"])
        read_output(client, request, until=task["ready"])
        manager.interrupt_kernel()
        interrupted = {"status": reply_to(client, request), **read_output(client, request)}
        after = [run(client, code) for code in task["after"]]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    json.dump({"interrupted": interrupted, "after": after}, sys.stdout)


main()
