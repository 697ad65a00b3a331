/** Runs of a notebook with other values for some of its variables. */
import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { joinText, writeNotebook } from "../../scripts/notebooks/compare";
import { executeNotebook } from "../../scripts/notebooks/execute";
import { repository } from "../../scripts/notebooks/paths";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { codeCell, notebookOf } from "./build";

it("values are written as TypeScript has them", async () => {
  const program = `
import json, sys
sys.path.append(sys.argv[1])
from typescript_parameters import codify
print(json.dumps(codify({
  "a": 3, "b": 0.5, "c": True, "d": None, "e": 'say "hi"\\n', "f": [1, "x", {"k": float("inf")}], "g": float("nan"),
})))`;
  const folder = path.join(repository, "scripts/notebooks/papermill");
  assert.equal(
    JSON.parse(await runPython(program, [folder])),
    `// Parameters
let a = 3;
let b = 0.5;
let c = true;
let d = null;
let e = "say \\"hi\\"\\n";
let f = [1, "x", { "k": Infinity }];
let g = NaN;
`,
  );
});

it("a cell's variables are those that it declares at the beginning of a line", async () => {
  const program = `
import json, sys
sys.path.append(sys.argv[1])
from typescript_parameters import declared
print(json.dumps(declared(sys.argv[2])))`;
  const source = `let a = 1, b: number = 2; // let no = 1
const c: Record<string, number> = {
  d: 1,
};
// let e = 1;
let f: string; let list = [1, c.d];
var g = f === "x, y" ? 1 : 2`;
  const folder = path.join(repository, "scripts/notebooks/papermill");
  const names = JSON.parse(await runPython(program, [folder, source]));
  assert.deepEqual(names, ["a", "b", "c", "f", "g"]);
});

describe("executeNotebook with parameters", () => {
  const sources = [
    "let epochs = 20;\nconst shown = () => epochs;",
    "console.log(epochs, shown());",
  ];

  async function run(tags: string[], parameters: Record<string, unknown>) {
    using folder = temporaryFolder();
    const file = folder.join("one.ipynb");
    const cells = sources.map((source, i) => ({
      ...codeCell([], i === 0 ? { tags } : {}),
      id: `cell-${i}`,
      source,
    }));
    writeNotebook(file, notebookOf(...cells));
    return await executeNotebook(file, { saveAs: folder.join("out.ipynb"), parameters });
  }

  it("sets a variable of the tagged cell, for its functions too", async () => {
    const { notebook, failure } = await run(["parameters"], { epochs: 3 });
    assert.equal(failure, undefined);
    assert.equal(joinText(notebook!.cells[1]!.source), "// Parameters\nlet epochs = 3;\n");
    const [output] = notebook!.cells[2]!.outputs!;
    assert.ok(output?.output_type === "stream");
    assert.equal(joinText(output.text), "3 3\n");
  });

  it("says that a notebook has nothing to set", async () => {
    const { failure } = await run([], { epochs: 3 });
    assert.match(failure?.message ?? "", /No cell is tagged `parameters`/);
  });

  it("says that there is no such variable, and which there are", async () => {
    const { failure } = await run(["parameters"], { epoch: 3 });
    assert.match(
      failure?.message ?? "",
      /No variable `epoch` in the cell tagged `parameters`. There are: epochs/,
    );
  });
});
