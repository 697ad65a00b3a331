// @ts-check
/** The package's kernel in a user's own Jupyter, which stands in .venv here, and the notebook to begin with. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { paths } from "../../scripts/setup/paths.mjs";
import { packedProject } from "./packedProject.mjs";
import { runProgram, writeFiles } from "./support.mjs";

/**
 * A notebook in TypeScript.
 * @param {...string} sources
 */
function notebook(...sources) {
  const cells = sources.map((source, i) => ({
    ...{ cell_type: "code", execution_count: null, id: `cell-${i}`, metadata: {}, outputs: [] },
    source,
  }));
  const kernelspec = { display_name: "TypeScript", language: "typescript", name: "tslab" };
  return JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 });
}

/**
 * What each code cell of a notebook has put out.
 * @param {string} file
 * @returns {any[][]}
 */
function outputsOf(file) {
  const { cells } = JSON.parse(fs.readFileSync(file, "utf8"));
  return cells.flatMap((/** @type {any} */ cell) => (cell.outputs ? [cell.outputs] : []));
}

describe("the package's kernel", () => {
  /** @type {Awaited<ReturnType<typeof packedProject>>} */
  let packed;
  before(async () => {
    packed = await packedProject();
    packed.linkDependencies();
  });
  after(() => fs.rmSync(packed.folder, { recursive: true, force: true }));

  const active = { VIRTUAL_ENV: paths.venv };
  const spec = "share/jupyter/kernels/tslab/kernel.json";

  /**
   * Runs `npx convnets …`.
   * @param {string[]} line
   * @param {NodeJS.ProcessEnv} [settings]
   */
  const convnets = (line, settings) => packed.node([packed.command, ...line], settings);

  test("what it is made of is asked for where it is missing, and nothing is written", async () => {
    for (const line of [["kernel", "install"], ["lab"]]) {
      const { code, output } = await convnets(line);
      assert.equal(code, 1);
      assert.match(output, /^tslab 1\.0\.22, .* beside convnets\. → npm install tslab@1\.0\.22\n$/);
    }
    assert.ok(!fs.existsSync(packed.home));
  });

  test("runs notebooks in any folder, with the project's library or else its own", async () => {
    packed.link("tslab");
    const prefix = path.join(packed.folder, "pre fix");
    const installed = await convnets(["kernel", "install", "--prefix", prefix], active);
    assert.equal(installed.code, 0, installed.output);
    assert.match(installed.output, /^✔ TypeScript \(tslab\)\n {2}\(.*kernel\.json\)\n$/);

    const elsewhere = path.join(packed.folder, "elsewhere");
    const other = path.join(packed.folder, "other");
    fs.mkdirSync(elsewhere);
    const first = path.join(elsewhere, "first.ipynb");
    const made = await convnets(["new", first]);
    assert.equal(made.code, 0, made.output);
    const second = path.join(other, "notebooks/second.ipynb");
    writeFiles(other, {
      "notebooks/second.ipynb": notebook(
        `import { own } from "convnets"; import { readFileSync } from "node:fs"; own`,
        `const wrong: string = own;`,
        `console.log(process.argv[1]);`,
      ),
      "node_modules/convnets/package.json": `{ "main": "index.js", "types": "index.d.ts" }`,
      "node_modules/convnets/index.js": "exports.own = 42;",
      "node_modules/convnets/index.d.ts": "export declare const own: number;",
      // tslab's own command would hand over to this one.
      "node_modules/tslab/dist/main.js": "exports.startKernel = () => process.exit(3);",
    });
    const options = "--to notebook --execute --allow-errors --inplace".split(" ");
    const program = path.join(paths.venv, "bin/jupyter-nbconvert");
    const env = packed.environment({ JUPYTER_PATH: path.join(prefix, "share/jupyter") });
    const { code, output } = await runProgram([program, ...options, first, second], { env });
    assert.equal(code, 0, output);

    const [engine, pictures, model, training, result] = outputsOf(first);
    assert.match(engine?.[0].text.join(""), /^TensorFlow 2\.21\.0 on /);
    assert.ok(pictures?.[0].data["text/html"].join("").startsWith("<img"));
    assert.deepEqual(model, []);
    const [progress, figure] = training ?? [];
    assert.match(progress.data["text/plain"].join(""), /^Epoch 10\/10\n25\/25 .* val_loss: /m);
    assert.ok(figure.data["application/vnd.plotly.v1+json"]);
    assert.match(result?.[0].text.join(""), /^Test accuracy: (0\.9|1\.0)/);
    assert.ok(fs.existsSync(path.join(elsewhere, "first.keras")));

    const [own, wrong, kernel] = outputsOf(second);
    assert.deepEqual(own?.[0].text, ["42\n"]);
    assert.equal(wrong?.[0].output_type, "error");
    assert.match(wrong?.[0].evalue, /'number' is not assignable to type 'string'/);
    const script = path.join(packed.installed, "scripts/kernel/index.mjs");
    assert.deepEqual(kernel?.[0].text, [`${script}\n`]);
  });

  test("is installed for the user or an environment, and removed from there alone", async () => {
    packed.link("tslab");
    const user = path.join(packed.home, ".local", spec);
    const python = { PYTHON: paths.python };
    const first = await convnets(["kernel", "install"], { CONVNETS_HOME: "here" });
    assert.match(first.output, /TensorFlow is not here yet → npx convnets setup\n$/);
    const { env } = JSON.parse(fs.readFileSync(user, "utf8"));
    assert.equal(env.CONVNETS_HOME, path.join(packed.project, "here"));
    assert.match((await convnets(["doctor"])).output, /^✔ Kernel +.*\/kernel\.json$/m);
    const elsewhere = { ...python, JUPYTER_DATA_DIR: path.join(packed.folder, "data") };
    const nothing = await convnets(["kernel", "uninstall", "--user"], elsewhere);
    assert.equal(nothing.code, 1);
    assert.match(
      nothing.output,
      /^There is no kernel of convnets in .*data\/kernels\/tslab\..*\n$/,
    );
    const gone = await convnets(["kernel", "uninstall", "--user"]);
    assert.equal(gone.code, 0, gone.output);
    assert.deepEqual(fs.readdirSync(path.dirname(path.dirname(user))), []);
  });

  test("another program's kernel of its name stays", async () => {
    packed.link("tslab");
    const prefix = path.join(packed.folder, "taken");
    const text = `{ "argv": ["tslab", "kernel", "--config-path={connection_file}"] }`;
    writeFiles(prefix, { [spec]: text });
    for (const action of ["install", "uninstall"]) {
      const { code, output } = await convnets(["kernel", action, "--prefix", prefix]);
      assert.equal(code, 1);
      assert.match(output, /^[^\n]+ → [^\n]+\n$/);
    }
    assert.equal(fs.readFileSync(path.join(prefix, spec), "utf8"), text);
  });

  test("`lab` starts the user's JupyterLab, or says how to get it", async () => {
    packed.link("tslab");
    const Path = path.join(paths.venv, "bin");
    const { output } = await convnets(["lab", "--version"], { PATH: Path });
    assert.match(output, /^4\.\d+\.\d+\n$/);
    const none = await convnets(["lab"], { PATH: packed.folder, PYTHON: "none" });
    assert.equal(none.code, 1);
    assert.match(
      none.output,
      /^JupyterLab was not found\. → python3 -m pip install jupyterlab .*\n$/,
    );
  });

  test("a wrong word, place or name is one line", async () => {
    writeFiles(packed.project, { "kept.ipynb": "mine", "a file": "" });
    packed.link("tslab");
    const lines = [
      ["kernel"],
      ["kernel", "instal"],
      ["kernel", "install", "uninstall"],
      ["kernel", "install", "--user", "--sys-prefix"],
      ["kernel", "install", "--prefix"],
      ["kernel", "install", "--prefix", "a file"],
      ["kernel", "install", "--name", "x"],
      ["new"],
      ["new", "folder/"],
      ["new", "one", "two"],
      ["new", "no folder/one"],
      ["new", "kept"],
    ];
    for (const line of lines) {
      const { code, output } = await convnets(line);
      assert.ok(code === 1 || code === 2, `${line}: ${output}`);
      assert.match(output, /^[^\n]{20,}\n$/, line.join(" "));
    }
    assert.equal(fs.readFileSync(path.join(packed.project, "kept.ipynb"), "utf8"), "mine");
  });
});
