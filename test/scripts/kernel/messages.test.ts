/** Jupyter's own programs run notebooks with this kernel, without help of ours. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, describe, it } from "node:test";
import { repositoryRoot } from "../../support/python";
import { temporaryFolder } from "../../support/temporaryFolder";

const python = path.join(repositoryRoot, ".venv/bin/python");

interface Cell {
  execution_count: number | null;
  outputs: { output_type: string; text?: string; ename?: string; evalue?: string }[];
}

/** Runs a program of Jupyter's on cells. */
function runCells(program: string, cells: string[]): { cells: Cell[]; error?: string } {
  const script = `
import json, sys
import nbformat
from nbclient import NotebookClient
cells, folder = json.load(sys.stdin), sys.argv[1]
new = nbformat.v4.new_code_cell
notebook = nbformat.v4.new_notebook(cells=[new(source, metadata=meta) for source, meta in cells])
result = {}
${program}
# Not to standard output, which the kernel has too, and makes non-blocking.
with open(sys.argv[2], "w") as file:
    json.dump({"cells": notebook.cells, **result}, file)`;
  const given = cells.map((cell) => [
    cell,
    cell.startsWith("throw") ? { tags: ["raises-exception"] } : {},
  ]);
  using out = temporaryFolder();
  const file = out.join("result.json");
  const { status, stderr } = spawnSync(python, ["-c", script, repositoryRoot, file], {
    input: JSON.stringify(given),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(readFileSync(file, "utf8")) as { cells: Cell[]; error?: string };
}

const RUN = `
client = NotebookClient(notebook, kernel_name="tslab", resources={"metadata": {"path": folder}}, allow_errors=ALLOW)
try:
    client.execute()
except Exception as error:
    result["error"] = type(error).__name__ + " " + str(error)`;

describe("nbclient", () => {
  let cells: Cell[];

  before(() => {
    ({ cells } = runCells(RUN.replace("ALLOW", "True"), [
      "console.log(1)",
      'throw new RangeError("two")',
      "console.log(3)",
      "const four: number = 'x'",
      "console.log(5)",
    ]));
  });

  it("counts the cells", () => {
    assert.deepEqual(
      cells.map(({ execution_count }) => execution_count),
      [1, 2, 3, 4, 5],
    );
  });

  it("runs what comes after a cell that may fail", () => {
    assert.deepEqual(
      cells.map(({ outputs: [output] }) => output?.text ?? output?.ename),
      ["1\n", "RangeError", "3\n", "TypeScriptError", "5\n"],
    );
  });

  it("stops at a cell that must not fail, and says why", () => {
    const { error, cells } = runCells(RUN.replace("ALLOW", "False"), [
      "const f = () => { throw new TypeError('why') }; f();",
      "console.log(2)",
    ]);
    assert.match(error ?? "", /^CellExecutionError .*TypeError: why/s);
    assert.equal(cells[1]?.execution_count, null);
  });
});

it("cells that wait when one fails are given up, those that are sent later run", () => {
  const { cells } = runCells(
    `
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="tslab", cwd=folder)
def status(request):
    while True:
        reply = client.get_shell_msg(timeout=30)
        if reply["parent_header"]["msg_id"] == request:
            return reply["content"]["status"]
requests = [client.execute(cell.source) for cell in notebook.cells]
notebook.cells[:] = [status(request) for request in requests]
notebook.cells.append(status(client.execute("1")))
client.execute("throw 1", stop_on_error=False)
notebook.cells.append(status(client.execute("2")))
client.stop_channels()
manager.shutdown_kernel(now=True)`,
    ["const end = Date.now() + 300; while (Date.now() < end); throw 1;", "1", "2"],
  );
  assert.deepEqual(cells, ["error", "aborted", "aborted", "ok", "ok"]);
});
