import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { joinText, readNotebook, writeNotebook } from "../../scripts/notebooks/compare";
import { python, repository } from "../../scripts/notebooks/paths";
import { codeCell, notebookOf } from "./build";

const samples = path.join(repository, "test/notebooks/samples");
let folder: string;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "convnets-commands-"));
  for (const name of ["fails-a-changed-number", "passes-what-may-vary"]) {
    cpSync(path.join(samples, `${name}.ipynb`), path.join(folder, `${name}.ipynb`));
  }
});

after(() => rmSync(folder, { recursive: true }));

/** Runs a command of scripts/notebooks on the folder, as `npm run` does. */
function run(command: "start" | "fixtures", ...args: string[]) {
  const script = path.join(repository, ".build/scripts/notebooks", `${command}.js`);
  const places = ["--folder", folder, "--out", path.join(folder, "out")];
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...places, ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr, lines: stdout.trimEnd().split("\n") };
}

describe("the notebook commands", () => {
  it("fixtures says what differs, counts notebooks on its last line and exits with 1", () => {
    const { status, stdout, lines } = run("fixtures");
    assert.equal(status, 1);
    assert.equal(lines.at(-1), "1 passed, 1 failed");
    assert.match(stdout, /^fails-a-changed-number, cell 2 \[1\]: stdout: the text differs$/m);
    assert.match(stdout, /\| console\.log\("loss:", loss\);/);
    assert.match(stdout, /^ +- loss: 0\.26\n +\+ loss: 0\.25$/m);
    assert.match(stdout, /7 cells in .* as committed, 1 not run \(tagged skip-execution\)/);
    assert.ok(existsSync(path.join(folder, "fails-a-changed-number-changed.ipynb")));
  });

  it("fixtures --update accepts the outputs of one notebook, and then it passes", () => {
    const update = run("fixtures", "--update", "fails-a-changed-number");
    assert.equal(update.status, 0, update.stdout);
    const file = path.join(folder, "fails-a-changed-number.ipynb");
    const [, cell] = readNotebook(file).cells;
    const [output] = cell?.outputs ?? [];
    assert.ok(output?.output_type === "stream");
    assert.equal(joinText(output.text), "loss: 0.25\n");
    assert.ok(!existsSync(path.join(folder, "fails-a-changed-number-changed.ipynb")));

    const again = run("start", "--only", "fails-a-changed-number");
    assert.equal(again.status, 0, again.stdout);
    assert.match(again.stdout, /^fails-a-changed-number +\S+ s +– +yes$/m);
    assert.ok(existsSync(path.join(folder, "out/fails-a-changed-number.ipynb")));
  });

  it("fixtures --update accepts nothing when a cell fails", () => {
    const file = path.join(folder, "broken.ipynb");
    writeNotebook(file, notebookOf({ ...codeCell([]), source: "throw new Error('no')" }));
    const bytes = readFileSync(file, "utf8");
    const { status, stdout } = run("fixtures", "--update", "broken");
    assert.equal(status, 1);
    assert.match(stdout, /broken: nothing accepted, since a cell failed/);
    assert.equal(readFileSync(file, "utf8"), bytes);
    rmSync(file);
  });

  it("start shows the cell that failed, also after a cell with parameters", () => {
    const file = path.join(folder, "broken.ipynb");
    const sources = ["let epochs = 20;", "throw new Error('epochs: ' + epochs);", "1 + 1;"];
    const [first, ...others] = sources.map((source) => ({ ...codeCell([]), source }));
    writeNotebook(file, notebookOf({ ...first!, metadata: { tags: ["parameters"] } }, ...others));
    const { status, stdout } = run("start", "--only", "broken", "-p", "epochs", "3");
    assert.equal(status, 1);
    assert.match(stdout, /^broken, cell 3 failed: Error: epochs: 3\n {4}\| throw new Error\(/m);
    rmSync(file);
  });

  it("start --full gives the kernel the full size and compares nothing", () => {
    const file = path.join(folder, "size.ipynb");
    const source = "console.log('size:', process.env.CONVNETS_SIZE)";
    writeNotebook(file, {
      ...notebookOf({ ...codeCell([]), source }),
      metadata: { convnets: { keyMetric: { label: "size", pattern: "size: (\\w+)" } } },
    });
    const { status, stdout } = run("start", "--full", "--only", "size");
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^size +\S+ s +size full +–$/m);
    rmSync(file);
  });

  it("refuse a notebook that does not exist, naming those that do", () => {
    for (const { status, stderr } of [run("start", "--only", "09"), run("fixtures", "nothing")]) {
      assert.equal(status, 2);
      assert.match(stderr, /There are: fails-a-changed-number, passes-what-may-vary/);
    }
  });
});

describe("a run whose parent process ends", () => {
  it("ends too, and its kernel with it", async () => {
    const file = path.join(folder, "forever.ipynb");
    const source =
      "console.log(process.pid);\nawait new Promise(() => setInterval(() => {}, 1000));";
    writeNotebook(file, notebookOf({ ...codeCell([]), source }));
    const child = spawn(
      python,
      [path.join(repository, "scripts/notebooks/execute.py"), file, `--save-as=${file}`],
      { stdio: ["pipe", "ignore", "ignore", "pipe"] },
    );
    const ended = new Promise((resolve) => child.once("close", resolve));
    let kernel = 0;
    for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
      const event = JSON.parse(line) as { event: string; text?: string };
      if (event.event !== "output") continue;
      kernel = Number(event.text);
      child.stdin?.end(); // as it closes when the parent dies
    }
    await ended;
    assert.ok(kernel > 0);
    assert.throws(() => process.kill(kernel, 0), { code: "ESRCH" });
  });
});
