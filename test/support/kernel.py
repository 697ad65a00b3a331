"""Drives a tslab kernel for the tests: one JSON request a line in, one JSON answer a line out."""

import json
import subprocess
import sys

from jupyter_client import KernelManager

manager = KernelManager(kernel_name="tslab")
# A kernel of Node's makes its standard output non-blocking. It must not be the one that answers are written to.
manager.start_kernel(cwd=sys.argv[1], stdout=subprocess.DEVNULL)
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)


def answer(**fields):
    print(json.dumps(fields), flush=True)


def run(code, interrupt_on):
    """Runs a cell and collects what the kernel publishes until it is idle and has replied."""
    message_id = client.execute(code)
    messages = []
    while True:
        message = client.get_iopub_msg(timeout=120)
        kind, content = message["msg_type"], message["content"]
        if kind == "execute_input":
            continue  # holds the code, not what it has done
        if kind == "status":
            idle = content["execution_state"] == "idle"
            if idle and message["parent_header"].get("msg_id") == message_id:
                break
            continue
        from_this_cell = message["parent_header"].get("msg_id") == message_id
        messages.append({"type": kind, "content": content, "fromThisCell": from_this_cell})
        if interrupt_on and interrupt_on in json.dumps(content):
            interrupt_on = None
            manager.interrupt_kernel()
    while True:
        reply = client.get_shell_msg(timeout=120)
        if reply["parent_header"].get("msg_id") == message_id:
            return {"status": reply["content"]["status"], "reply": reply["content"], "messages": messages}


answer(id=0)
for line in sys.stdin:
    request = json.loads(line)
    code, cursor = request["code"], len(request["code"])
    if request["do"] == "run":
        result = run(code, request.get("interruptOn"))
    elif request["do"] == "complete":
        reply = client.complete(code, cursor, reply=True, timeout=120)
        result = {"matches": reply["content"]["matches"]}
    else:
        reply = client.inspect(code, cursor, reply=True, timeout=120)
        result = {"text": reply["content"]["data"].get("text/plain", "")}
    answer(id=request["id"], **result)

client.stop_channels()
manager.shutdown_kernel(now=True)
