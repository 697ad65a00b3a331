/** Notebooks in the form that JupyterLab's server saves them in, which is nbformat's own. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import {
  formatNotebook,
  keepUnchanged,
  kernelspec,
  languageInfo,
  type Notebook,
  type Output,
  parseNotebook,
  readNotebook,
  writeNotebook,
} from "../../scripts/notebooks/compare";
import { executeNotebook } from "../../scripts/notebooks/execute";
import { notebooksFolder, repository } from "../../scripts/notebooks/paths";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { codeCell, display, notebookOf, stdout } from "./build";

describe("formatNotebook(notebook)", () => {
  it("writes what nbformat writes, to the byte", async () => {
    using folder = temporaryFolder();
    const file = folder.join("notebook.ipynb");
    writeNotebook(file, everything());
    const program = `import nbformat, sys; print(nbformat.writes(nbformat.read(sys.argv[1], 4)))`;
    assert.equal(readFileSync(file, "utf8"), await runPython(program, [file]));
  });

  it("changes nothing the second time", () => {
    const text = formatNotebook(everything());
    assert.equal(formatNotebook(parseNotebook(text, "it")), text);
  });

  it("leaves out what an editor, a run or a drawing has left", () => {
    const figure = { "application/vnd.plotly.v1+json": { data: [] }, "text/plain": "figure" };
    const execution = { "iopub.execute_input": "2026-01-01T00:00:00Z" };
    const left = notebookOf(
      codeCell([display({ ...figure, "image/png": "AAAA" })], { trusted: true, execution }),
    );
    assert.equal(formatNotebook(left), formatNotebook(notebookOf(codeCell([display(figure)]))));
  });

  it("names kernel and language as they are installed and as the kernel says", async () => {
    const installed = path.join(repository, ".venv/share/jupyter/kernels/tslab/kernel.json");
    const { display_name, language } = JSON.parse(readFileSync(installed, "utf8"));
    assert.deepEqual(kernelspec, { display_name, language, name: "tslab" });
    using folder = temporaryFolder();
    const file = folder.join("notebook.ipynb");
    writeNotebook(file, notebookOf({ ...codeCell([]), id: "one", source: "1 + 1;" }));
    const { notebook } = await executeNotebook(file, { saveAs: folder.join("run.ipynb") });
    assert.deepEqual(notebook?.metadata.language_info, languageInfo);
  });

  const files = readdirSync(notebooksFolder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ipynb") && !/-changed\.ipynb$|checkpoints/.test(name))
    .sort();
  for (const name of files) {
    it(`is the form of notebooks/${name} (npm run tidy)`, () => {
      const text = readFileSync(path.join(notebooksFolder, name), "utf8");
      assert.ok(formatNotebook(parseNotebook(text, name)) === text);
    });
  }
});

describe("keepUnchanged(before, now)", () => {
  const before: Output[] = [
    stdout("1/1 - 3s 12ms/step - loss: 0.25\n"),
    display({ "text/plain": "0.5" }),
  ];
  const run = (outputs: Output[]) => notebookOf({ ...codeCell(outputs), id: "one" });

  it("keeps an output that differs in durations only, and takes one that says something else", async () => {
    const now = [stdout("1/1 - 4s 15ms/step - loss: 0.25\n"), display({ "text/plain": "0.6" })];
    const kept = await keepUnchanged(run(before), run(now));
    assert.deepEqual(kept.cells[0]?.outputs, [before[0], now[1]]);
  });

  it("takes what a cell lets vary when it has changed", async () => {
    const varying = (text: string) =>
      notebookOf({
        ...codeCell([stdout(text)], { tags: ["varies"] }),
        id: "one",
      });
    const now = varying("TensorFlow 2.22\n");
    assert.deepEqual(await keepUnchanged(varying("TensorFlow 2.21\n"), now), now);
  });

  it("takes all outputs of a cell that has more of them, or that is new", async () => {
    const more = run([...before, stdout("done\n")]);
    assert.deepEqual(await keepUnchanged(run(before), more), more);
    const other = notebookOf({ ...codeCell(before), id: "two" });
    assert.deepEqual(await keepUnchanged(run(before), other), other);
  });
});

describe("npm run tidy", () => {
  const script = path.join(repository, ".build/scripts/notebooks/tidy.js");
  const committed = notebookOf({ ...codeCell([stdout("took 3 s\n")]), id: "one" });

  function commit(folder: string): void {
    writeNotebook(path.join(folder, "one.ipynb"), committed);
    const git = (...args: string[]) => execFileSync("git", args, { cwd: folder });
    git("init", "--quiet");
    git("add", ".");
    const author = ["-c", "user.name=Test", "-c", "user.email=test@localhost"];
    git(...author, "commit", "--quiet", "--message", "One");
  }

  it("gives back committed outputs and the form, and --check only says so", () => {
    using folder = temporaryFolder();
    commit(folder.path);
    const file = folder.join("one.ipynb");
    const bytes = readFileSync(file, "utf8");
    const again = notebookOf({ ...codeCell([stdout("took 4 s\n")]), id: "one" });
    writeFileSync(file, JSON.stringify(again));
    const tidy = (...args: string[]) =>
      spawnSync(process.execPath, [script, "--folder", folder.path, ...args], { encoding: "utf8" });
    const check = tidy("--check");
    assert.equal(check.status, 1);
    assert.match(check.stdout, /^1 to be tidied: npm run tidy$/m);
    assert.equal(tidy().status, 0);
    assert.equal(readFileSync(file, "utf8"), bytes);
    assert.equal(tidy("--check").status, 0);
  });

  it("is a clean filter: git sees no change where a run says the same", () => {
    using folder = temporaryFolder();
    commit(folder.path);
    const file = folder.join("one.ipynb");
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: folder.path, encoding: "utf8" });
    git("config", "filter.convnets-notebook.clean", `${process.execPath} ${script} --filter %f`);
    writeFileSync(
      folder.join(".gitattributes"),
      readFileSync(path.join(repository, ".gitattributes")),
    );
    const write = (text: string) =>
      writeFileSync(file, JSON.stringify(notebookOf({ ...codeCell([stdout(text)]), id: "one" })));
    write("took 5 s\n");
    assert.equal(git("diff"), "");
    write("took 5 s and more\n");
    assert.match(git("diff"), /^\+ +"took 5 s and more\\n"$/m);
    writeFileSync(file, "no notebook");
    assert.match(git("diff"), /^\+no notebook$/m);
  });
});

describe("npm run tidy and the clean filter", () => {
  const script = path.join(repository, ".build/scripts/notebooks/tidy.js");
  const tidy = (folder: string, args: string[], input?: Buffer) =>
    spawnSync(process.execPath, [script, ...args], { cwd: folder, input });
  const foreign = JSON.stringify({
    ...notebookOf(codeCell([])),
    metadata: { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } },
  });

  it("leave a notebook of another kernel as it is", () => {
    using folder = temporaryFolder();
    writeFileSync(folder.join("foreign.ipynb"), foreign);
    assert.equal(tidy(folder.path, ["--folder", folder.path]).status, 0);
    assert.equal(readFileSync(folder.join("foreign.ipynb"), "utf8"), foreign);
    const { stdout } = tidy(folder.path, ["--filter", "foreign.ipynb"], Buffer.from(foreign));
    assert.equal(stdout.toString(), foreign);
  });

  it("name a notebook that is broken, go on with the others and fail at the end", () => {
    using folder = temporaryFolder();
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00]);
    writeFileSync(folder.join("a.ipynb"), "{");
    writeFileSync(folder.join("b.ipynb"), bytes);
    writeFileSync(folder.join("c.ipynb"), JSON.stringify(notebookOf(codeCell([]))));
    const { status, stdout, stderr } = tidy(folder.path, ["--folder", folder.path]);
    assert.equal(status, 1);
    assert.match(
      stderr.toString(),
      /a\.ipynb is not a notebook: .*\n.*b\.ipynb is not a notebook: /,
    );
    assert.match(stdout.toString(), /c\.ipynb\n1 brought into/);
    assert.deepEqual(readFileSync(folder.join("b.ipynb")), bytes);
    assert.deepEqual(tidy(folder.path, ["--filter", "b.ipynb"], bytes).stdout, bytes);
  });

  it("know the committed outputs in a linked worktree, in a folder of it, too", () => {
    using folder = temporaryFolder();
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: folder.path, encoding: "utf8" });
    const notebook = (text: string) => notebookOf({ ...codeCell([stdout(text)]), id: "one" });
    mkdirSync(folder.join("main/in"), { recursive: true });
    writeNotebook(folder.join("main/in/one.ipynb"), notebook("took 3 s\n"));
    const main = ["-C", "main"];
    git("init", "--quiet", "main");
    writeFileSync(folder.join("main/.gitattributes"), "*.ipynb filter=convnets-notebook\n");
    git(...main, "add", ".");
    const author = ["-c", "user.name=Test", "-c", "user.email=test@localhost"];
    git(...main, ...author, "commit", "--quiet", "--message", "One");
    const clean = `${process.execPath} ${script} --filter %f`;
    git(...main, "config", "filter.convnets-notebook.clean", clean);
    git(...main, "worktree", "add", "--quiet", "../linked");
    writeFileSync(folder.join("linked/in/one.ipynb"), JSON.stringify(notebook("took 5 s\n")));
    assert.equal(git("-C", "linked", "diff"), "");
    assert.equal(git("-C", "linked/in", "diff"), "");
  });
});

/** A notebook with each kind of cell, output and text whose form may go wrong. */
function everything(): Notebook {
  const plotly = { data: [{ y: [0.00001, 1e-7, 1.5, 100, -0, 1e21, 0.1 + 0.2] }], 10: [], 9: {} };
  return notebookOf(
    {
      ...codeCell([
        stdout("one\r\ntwo\u2028three\x0cfour\u0085five\n\nsix"),
        display({
          "text/html": "<b>\n</b>",
          "image/png": "iVBORw0KGgo=\n",
          "image/svg+xml": "<svg>\n</svg>",
          "application/vnd.plotly.v1+json": plotly,
        }),
        { output_type: "error", ename: "Error", evalue: "no", traceback: ["a\nb", "\u001b[31mc"] },
      ]),
      id: "one",
      source: "const text = '한국어 \\u{1F600} 😀';\n",
    },
    {
      cell_type: "markdown",
      id: "two",
      source: ["# A\n", "b"],
      metadata: { z: 1, a: { c: [], b: {} } },
    },
    {
      cell_type: "markdown",
      id: "three",
      source: "",
      metadata: {},
      attachments: { "a.png": { "image/png": "AAAA" } },
    },
    { cell_type: "raw", id: "four", source: "raw\n", metadata: {} },
  );
}

it("what is read is what was written", () => {
  using folder = temporaryFolder();
  writeNotebook(folder.join("a.ipynb"), everything());
  const text = readFileSync(folder.join("a.ipynb"), "utf8");
  assert.equal(formatNotebook(readNotebook(folder.join("a.ipynb"))), text);
});
