"""Presses the stop button in cells that never end, at random moments, and says what came of it.

Reads from standard input, as JSON: `stops` (how many), `before` (a cell to run first), `cells` (the endless ones, taken
in turns) and `latest` (seconds after which the button is pressed at the latest). Writes one JSON object.
"""

import json
import random
import subprocess
import sys
import time
from queue import Empty

from jupyter_client.manager import start_new_kernel

TIMEOUT_S = 20


def answer(client, request, timeout):
    """The kernel's reply; None when it doesn't come."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            message = client.get_shell_msg(timeout=max(0.01, end - time.monotonic()))
        except Empty:
            continue
        if message["parent_header"].get("msg_id") == request:
            return message["content"]
    return None


def main():
    task = json.load(sys.stdin)
    chance = random.Random(task.get("seed", 1))
    manager, client = start_new_kernel(
        kernel_name="tslab", startup_timeout=60, cwd=sys.argv[1], stdout=subprocess.DEVNULL
    )
    seen = {"stopped": 0, "lost": [], "wrong": [], "deaths": 0, "slowest": 0.0}
    try:
        first = answer(client, client.execute(task["before"]), 60)
        if first["status"] != "ok":
            raise RuntimeError(first)
        for i in range(task["stops"]):
            cell = task["cells"][i % len(task["cells"])]
            wait = chance.uniform(0, task["latest"]) if chance.random() < 0.8 else 0
            if i % 10 == 9:
                # The press overtakes the cell: they come by two sockets.
                content = {"code": cell, "silent": False, "store_history": True, "user_expressions": {}}
                message = client.session.msg("execute_request", content)
                pressed = time.monotonic()
                manager.interrupt_kernel()
                time.sleep(0.05)
                client.shell_channel.send(message)
                request = message["header"]["msg_id"]
            else:
                request = client.execute(cell)
                time.sleep(wait)
                pressed = time.monotonic()
                manager.interrupt_kernel()
            reply = answer(client, request, TIMEOUT_S)
            if reply is None:
                seen["lost"].append([cell, wait])
                if not manager.is_alive():
                    seen["deaths"] += 1
                    break
                manager.interrupt_kernel()
                answer(client, request, TIMEOUT_S)
                continue
            seen["slowest"] = max(seen["slowest"], time.monotonic() - pressed)
            seen["stopped"] += reply.get("ename") == "Interrupted"
            # The same press must not stop what comes after, nor one while no cell runs.
            if i % 10 == 4:
                manager.interrupt_kernel()
                time.sleep(0.1)
            after = answer(client, client.execute(f"{i} + 1"), TIMEOUT_S)
            if reply.get("ename") != "Interrupted" or after is None or after["status"] != "ok":
                seen["wrong"].append([cell, wait, reply, after])
        seen["deaths"] += not manager.is_alive()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    json.dump(seen, sys.stdout)


main()
