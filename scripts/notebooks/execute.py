"""Runs one notebook under the tslab kernel, saves it with its outputs and exports it as HTML.

Progress goes to file descriptor 3 as JSON, one event a line (see `ExecutionEvent` in execute.ts);
execute.ts is the only caller.

What tslab does differently from other kernels, and what is done about it here:

- A failing cell sends no `error` output. Its text is on stderr and only the execute reply says
  "error", so an `error` output is made from the two.
- An unhandled rejection or an uncaught exception is only written to stderr, the reply says "ok", and
  the text often follows the cell's idle message. So each cell is drained before the next one starts,
  and such a text fails the cell.
- No `execute_input` is sent: execution counts are filled in.
- For 200 ms after a failing cell every request is answered with "abort".
"""

import argparse
import asyncio
import json
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from queue import Empty

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from nbformat.v4 import new_output

STREAM_LIMIT = 1_000_000  # characters of stream text that a cell may keep
OUTPUT_LIMIT = 500  # outputs that a cell may keep
ABORT_WINDOW_S = 0.3  # tslab aborts requests for 0.2 s after a failing cell
DRAIN_TIMEOUT_S = 10
SETTLE_S = 0.25  # after the last cell: time for a forgotten promise to show itself

UNCAUGHT = re.compile(r"^(UnhandledPromiseRejection|UncaughtException): *", re.MULTILINE)
ERROR_LINE = re.compile(r"^(?:Uncaught )?([A-Za-z_$][\w$]*(?:Error|Exception)\w*)(?: \[\w+\])?: (.*)", re.MULTILINE)
DIAGNOSTIC = re.compile(r"^(?:\S+ )?\d+:\d+ - (.*)", re.MULTILINE)

OTHERS_FRAME = re.compile(r"\s+at (?:.*[( ])?(?:node:|\S*node_modules/tslab/)")
REPOSITORY = Path(__file__).resolve().parents[2]

# JupyterLab's look without the scripts that the template would load from elsewhere.
OFFLINE_TEMPLATE = """{% extends "lab/index.html.j2" %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
"""

events = os.fdopen(3, "w", buffering=1)


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), file=events)


class CellFailed(Exception):
    """A cell that must end the run; the message says why in one line."""


class StreamText:
    """Stream text as a terminal would show it: `\\r`, `\\b` and line erasure are applied as they come."""

    PIECES = re.compile(r"\r|\x08|\x1b\[[012]?K|(?:(?!\x1b\[[012]?K)[^\r\x08])+")

    def __init__(self):
        self.lines = []
        self.line = []  # characters of the line being written
        self.column = 0
        self.closed = 0  # characters in `lines`

    @property
    def size(self):
        return self.closed + len(self.line)

    def add(self, text):
        *complete, rest = text.split("\n")
        for part in complete:
            self.write(part)
            self.lines.append("".join(self.line))
            self.closed += len(self.line) + 1
            self.line, self.column = [], 0
        self.write(rest)

    def write(self, part):
        for piece in self.PIECES.findall(part):
            if piece == "\r":
                self.column = 0
            elif piece == "\x08":
                self.column = max(0, self.column - 1)
            elif piece[0] == "\x1b" and piece[-1] == "K" and len(piece) <= 4:
                if piece == "\x1b[2K":
                    self.line = [" "] * self.column
                elif piece != "\x1b[1K":
                    del self.line[self.column :]
            else:
                if len(self.line) < self.column:
                    self.line += " " * (self.column - len(self.line))
                self.line[self.column : self.column + len(piece)] = piece
                self.column += len(piece)

    def text(self):
        return "\n".join([*self.lines, "".join(self.line)])

    def last_line(self):
        return "".join(self.line).strip() or (self.lines[-1] if self.lines else "")


class TslabClient(NotebookClient):
    """nbclient's client with tslab's silences filled in."""

    def __init__(self, notebook, **options):
        super().__init__(
            notebook,
            kernel_name="tslab",
            on_cell_execute=self.starts,
            on_cell_executed=self.ended,
            coalesce_streams=False,
            record_timing=False,
            **options,
        )
        self.code_cells = [i for i, cell in enumerate(notebook.cells) if runs(cell)]
        self.current = None
        self.failure = None
        self.streams = []  # (output, StreamText) of the current cell
        self.written = 0  # characters in them
        self.started = self.last_shown = 0.0

    def starts(self, cell, cell_index):
        self.current, self.started = cell_index, time.monotonic()
        self.streams, self.written = [], 0
        emit("cell-start", index=cell_index)

    async def ended(self, cell, cell_index, execute_reply):
        await self.drain(cell, cell_index, execute_reply["parent_header"].get("msg_id"))
        if cell_index == self.code_cells[-1]:
            await asyncio.sleep(SETTLE_S)
            await self.drain(cell, cell_index, execute_reply["parent_header"].get("msg_id"))
        self.settle_streams()
        seconds = time.monotonic() - self.started
        must_fail = "raises-exception" in cell.metadata.get("tags", [])
        message = self.message_of_failure(cell, execute_reply["content"].get("status"))
        if message:
            add_error(cell, message)
            await asyncio.sleep(ABORT_WINDOW_S)
        if message and not must_fail:
            raise CellFailed(message)
        if must_fail and not message:
            raise CellFailed('Error: the cell is tagged "raises-exception" but raised none')
        emit("cell-end", index=cell_index, seconds=seconds)

    def message_of_failure(self, cell, status):
        """One line saying why the cell failed; None when it did not."""
        errors = "".join(o["text"] for o in cell.outputs if o.get("name") == "stderr")
        uncaught = UNCAUGHT.search(errors)
        if uncaught:
            return f"{uncaught[1]}: {errors[uncaught.end():].strip().splitlines()[0]}"
        if status == "ok":
            return None
        thrown = ERROR_LINE.findall(errors)
        if thrown:
            return ": ".join(thrown[-1])
        diagnostic = DIAGNOSTIC.search(errors)
        if diagnostic:
            return f"TypeScriptError: {diagnostic[0]}"
        lines = errors.strip().splitlines()
        return f"Error: {lines[0]}" if lines else f'Error: the kernel answered "{status}"'

    async def drain(self, cell, cell_index, cell_request):
        """Reads what the cell wrote up to the kernel's answer to one more request."""
        request = self.kc.kernel_info()
        deadline = time.monotonic() + DRAIN_TIMEOUT_S
        while time.monotonic() < deadline:
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
            emit("output", index=self.current, text=str(get_text()).strip().split("\n")[-1][:200])

    def stop(self, message):
        """Ends a cell that would never end: kills the kernel, which nbclient notices."""
        if not self.failure:
            self.failure = message
            os.kill(self.km.provisioner.pid, signal.SIGKILL)

    def fail_current(self, message):
        """Leaves the failure in the notebook and reports it."""
        if self.current is None:
            emit("failed", message=message)
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
        emit("cell-failed", index=self.current, seconds=seconds, message=message)


def runs(cell):
    tags = cell.metadata.get("tags", [])
    return cell.cell_type == "code" and bool(cell.source.strip()) and "skip-execution" not in tags


def add_error(cell, message):
    """Turns the closing stderr text of a cell into an `error` output, as other kernels send one."""
    traceback = [message]
    if cell.outputs and cell.outputs[-1].get("name") == "stderr":
        lines = cell.outputs.pop()["text"].replace(f"{REPOSITORY}/", "").rstrip().split("\n")
        traceback = [line for line in lines if not OTHERS_FRAME.match(line)]
    name, _, value = message.partition(": ")
    cell.outputs.append(new_output("error", ename=name, evalue=value, traceback=traceback))


def execute(notebook, folder, timeout_s):
    """Runs every cell; returns whether all passed."""
    client = TslabClient(
        notebook, timeout=timeout_s, resources={"metadata": {"path": str(folder)}}
    )
    codes = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    emit("start", cells=client.code_cells, skipped=[i for i in codes if i not in client.code_cells])
    try:
        client.execute()
        return True
    except CellFailed as failure:
        client.fail_current(str(failure))
    except CellTimeoutError:
        client.fail_current(f"Error: the cell ran for more than {timeout_s} s")
    except DeadKernelError:
        client.fail_current(client.failure or "Error: the kernel died while this cell ran")
    except NoSuchKernel:
        emit("failed", message="There is no kernel named tslab in this Python environment; run set-up.")
    except RuntimeError as error:  # the kernel ended before it answered
        client.fail_current(f"Error: {error}")
    return False


def export_html(notebook, folder, name, target):
    """One page that loads nothing from elsewhere."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(embed_images=True, raw_template=OFFLINE_TEMPLATE)
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"path": str(folder), "name": name}})
    target.write_text(page, encoding="utf-8")


def stop_with_parent():
    """Ends this process (and so the kernel) when the process that holds our stdin ends."""

    def wait():
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--save-as", type=Path, required=True)
    parser.add_argument("--html", type=Path)
    parser.add_argument("--cell-timeout-s", type=int)
    arguments = parser.parse_args()
    stop_with_parent()

    folder = arguments.notebook.resolve().parent
    notebook = nbformat.read(arguments.notebook, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and runs(cell):
            cell.outputs, cell.execution_count = [], None
    passed = execute(notebook, folder, arguments.cell_timeout_s)
    nbformat.write(notebook, arguments.save_as)
    emit("saved")
    if arguments.html:
        export_html(notebook, folder, arguments.notebook.stem, arguments.html)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
