"""Runs one notebook under the tslab kernel, saves it with its outputs and exports it as HTML.

Progress goes to file descriptor 3 as JSON, one event a line (see `ExecutionEvent` in execute.ts);
execute.ts is the only caller.
"""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

import nbformat
from export_page import export_html, write_whole
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from tslab_client import CellFailed, TslabClient, runs

sys.path.append(str(Path(__file__).parent / "papermill"))
from typescript_parameters import codify, declared  # noqa: E402

events = os.fdopen(3, "w", buffering=1)


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), file=events)


def execute(notebook, folder, timeout_s):
    """Runs every cell; returns whether all passed."""
    client = TslabClient(
        notebook, emit, timeout=timeout_s, resources={"metadata": {"path": str(folder)}}
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


def set_parameters(notebook, parameters):
    """Adds a cell with values for what the cell tagged `parameters` declares, as papermill does.

    Returns why it can't, or None.
    """
    for i, cell in enumerate(notebook.cells):
        if "parameters" in cell.metadata.get("tags", []):
            known = declared(cell.source)
            for name in parameters:
                if name not in known:
                    there = ", ".join(known) or "none"
                    return f"No variable `{name}` in the cell tagged `parameters`. There are: {there}"
            tags = {"tags": ["injected-parameters"]}
            notebook.cells.insert(i + 1, nbformat.v4.new_code_cell(codify(parameters), metadata=tags))
            return None
    return "No cell is tagged `parameters`: nothing can be set."


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
    parser.add_argument("--parameters", type=json.loads)
    arguments = parser.parse_args()
    stop_with_parent()

    folder = arguments.notebook.resolve().parent
    notebook = nbformat.read(arguments.notebook, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and runs(cell):
            cell.outputs, cell.execution_count = [], None
    refusal = set_parameters(notebook, arguments.parameters) if arguments.parameters else None
    if refusal:
        emit("failed", message=refusal)
        sys.exit(1)
    passed = execute(notebook, folder, arguments.cell_timeout_s)
    write_whole(arguments.save_as, nbformat.writes(notebook) + "\n")
    emit("saved")
    if arguments.html:
        export_html(notebook, folder, arguments.notebook.stem, arguments.html)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
