"""Runs the cells of a notebook under the tslab kernel.

What fails a cell besides its own error: an unhandled rejection, or an uncaught exception, for which no
cell waited. Both are told on stderr only, the reply says "ok", and the text often follows the cell's idle
message. So each cell is drained before the next one starts, and such a text fails the cell.
"""

import asyncio
import os
import re
import signal
import time
from pathlib import Path
from queue import Empty

from nbclient import NotebookClient
from nbclient.util import ensure_async
from nbformat.v4 import new_output
from stream_text import StreamText

STREAM_LIMIT = 1_000_000  # characters of stream text that a cell may keep
OUTPUT_LIMIT = 500  # outputs that a cell may keep
DRAIN_TIMEOUT_S = 10
SETTLE_S = 0.25  # after the last cell: time for a forgotten promise to show itself

UNCAUGHT = re.compile(r"^(UnhandledPromiseRejection|UncaughtException): *", re.MULTILINE)
REPOSITORY = Path(__file__).resolve().parents[2]


class CellFailed(Exception):
    """A cell that must end the run; the message says why in one line."""


class TslabClient(NotebookClient):
    """nbclient's client, with limits to what a cell may write, and news of each cell."""

    def __init__(self, notebook, emit, **options):
        super().__init__(
            notebook,
            kernel_name="tslab",
            on_cell_execute=self.starts,
            on_cell_executed=self.ended,
            coalesce_streams=False,
            record_timing=False,
            **options,
        )
        self.emit = emit
        self.code_cells = [i for i, cell in enumerate(notebook.cells) if runs(cell)]
        self.current = None
        self.failure = None
        self.streams = []  # (output, StreamText) of the current cell
        self.written = 0  # characters in them
        self.started = self.last_shown = 0.0

    def starts(self, cell, cell_index):
        self.current, self.started = cell_index, time.monotonic()
        self.streams, self.written = [], 0
        self.emit("cell-start", index=cell_index)

    async def ended(self, cell, cell_index, execute_reply):
        await self.drain(cell, cell_index, execute_reply["parent_header"].get("msg_id"))
        if cell_index == self.code_cells[-1]:
            await asyncio.sleep(SETTLE_S)
            await self.drain(cell, cell_index, execute_reply["parent_header"].get("msg_id"))
        if self.failure:  # the cell ended just when it was stopped
            raise CellFailed(self.failure)
        self.settle_streams()
        seconds = time.monotonic() - self.started
        must_fail = "raises-exception" in cell.metadata.get("tags", [])
        message = self.message_of_failure(cell, execute_reply["content"])
        if message and not must_fail:
            raise CellFailed(message)
        if must_fail and not message:
            raise CellFailed('Error: the cell is tagged "raises-exception" but raised none')
        self.emit("cell-end", index=cell_index, seconds=seconds)

    def message_of_failure(self, cell, reply):
        """One line saying why the cell failed; None when it did not."""
        if reply["status"] != "ok":
            for output in cell.outputs:
                if output.output_type == "error":
                    output["traceback"] = [
                        line.replace(f"{REPOSITORY}/", "") for line in output["traceback"]
                    ]
            name, value = reply.get("ename", "Error"), reply.get("evalue", reply["status"])
            return f"{name}: {value}".split("\n")[0]
        errors = "".join(o["text"] for o in cell.outputs if o.get("name") == "stderr")
        uncaught = UNCAUGHT.search(errors)
        if not uncaught:
            return None
        reason, _, _ = errors[uncaught.end() :].partition("\n")
        message = f"{uncaught[1]}: {reason}"
        add_error(cell, message)
        return message

    async def drain(self, cell, cell_index, cell_request):
        """Reads what the cell wrote up to the kernel's answer to one more request."""
        request = self.kc.kernel_info()
        deadline = time.monotonic() + DRAIN_TIMEOUT_S
        while time.monotonic() < deadline and not self.failure:
            try:
                message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=1))
            except Empty:
                continue
            parent = message["parent_header"].get("msg_id")
            if parent == cell_request and message["msg_type"] != "status":
                self.process_message(message, cell, cell_index)
            elif parent == request and message["content"].get("execution_state") == "idle":
                return

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            self.add_stream(cell, msg["content"]["name"], msg["content"]["text"])
            return None
        output = super().process_message(msg, cell, cell_index)
        if msg["msg_type"] in ("display_data", "update_display_data"):
            self.show(lambda: msg["content"].get("data", {}).get("text/plain", ""))
        self.limit_outputs(cell)
        return output

    def limit_outputs(self, cell):
        if len(cell.outputs) > OUTPUT_LIMIT:
            self.stop(f"Error: the cell made more than {OUTPUT_LIMIT} outputs")

    def add_stream(self, cell, name, text):
        if self.failure:
            return
        last = self.streams[-1] if self.streams else None
        if not last or not cell.outputs or cell.outputs[-1] is not last[0] or last[0]["name"] != name:
            if self.clear_before_next_output:
                cell.outputs, self.streams, self.clear_before_next_output = [], [], False
            last = (new_output("stream", name=name, text=""), StreamText())
            cell.outputs.append(last[0])
            self.streams.append(last)
            self.limit_outputs(cell)
        before = last[1].size
        last[1].add(text)
        self.show(last[1].last_line)
        self.written = self.written - before + last[1].size
        if self.written > STREAM_LIMIT:
            self.stop(f"Error: the cell wrote more than {STREAM_LIMIT:,} characters")

    def settle_streams(self):
        for output, stream in self.streams:
            output["text"] = stream.text()

    def show(self, get_text):
        """Reports the newest line of output, a few times a second at most."""
        now = time.monotonic()
        if now - self.last_shown >= 0.2:
            self.last_shown = now
            self.emit("output", index=self.current, text=str(get_text()).strip().split("\n")[-1][:200])

    def stop(self, message):
        """Ends a cell that would never end: kills the kernel, which nbclient notices."""
        if not self.failure:
            self.failure = message
            os.kill(self.km.provisioner.pid, signal.SIGKILL)

    def fail_current(self, message):
        """Leaves the failure in the notebook and reports it."""
        if self.current is None:
            self.emit("failed", message=message)
            return
        self.settle_streams()
        cell = self.nb.cells[self.current]
        for output, stream in self.streams:
            if stream.size > STREAM_LIMIT // 10:
                output["text"] = output["text"][: STREAM_LIMIT // 10] + "\n…"
        del cell.outputs[OUTPUT_LIMIT:]
        if not any(output.output_type == "error" for output in cell.outputs):
            add_error(cell, message)
        seconds = time.monotonic() - self.started
        self.emit("cell-failed", index=self.current, seconds=seconds, message=message)


def runs(cell):
    tags = cell.metadata.get("tags", [])
    return cell.cell_type == "code" and bool(cell.source.strip()) and "skip-execution" not in tags


def add_error(cell, message):
    """Makes an `error` output of a failure that the kernel could not tell as one, and of the text that tells it."""
    traceback = [message]
    if cell.outputs and cell.outputs[-1].get("name") == "stderr":
        traceback = cell.outputs.pop()["text"].replace(f"{REPOSITORY}/", "").rstrip().split("\n")
    name, _, value = message.partition(": ")
    cell.outputs.append(new_output("error", ename=name, evalue=value, traceback=traceback))
