// @ts-check
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import { kernelSpec } from "../../scripts/jupyter/kernelSpec.mjs";
import { run } from "../../scripts/setup/command.mjs";
import { StepError } from "../../scripts/setup/errors.mjs";
import { installedTensorFlow } from "../../scripts/setup/packages.mjs";
import { paths, projectPaths } from "../../scripts/setup/paths.mjs";
import { jupyterStep } from "../../scripts/setup/steps/jupyter.mjs";
import { libraryStep } from "../../scripts/setup/steps/library.mjs";
import { nativeStep } from "../../scripts/setup/steps/native.mjs";
import { npmStep } from "../../scripts/setup/steps/npm.mjs";
import { papermillStep } from "../../scripts/setup/steps/papermill.mjs";
import { venvStep } from "../../scripts/setup/steps/venv.mjs";
import { runProgram, temporaryFolder, writeFiles } from "./support.mjs";

const quietly = () => {};
const slow =
  process.env.CONVNETS_SLOW_TESTS === "1" ? false : "set CONVNETS_SLOW_TESTS=1 to run it";

test("the npm step has something to do when a package is gone or has another version", (t) => {
  const root = temporaryFolder(t);
  const packages = {
    "": {},
    lib: { version: "0.1.0" },
    "scripts/drawings": { version: "0.1.0" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/a/node_modules/b": { version: "2.0.0" },
    "node_modules/for-macos": { version: "1.0.0", optional: true },
    "node_modules/convnets-drawings": { resolved: "scripts/drawings", link: true },
  };
  const step = npmStep(projectPaths(root));
  writeFiles(root, { "package-lock.json": JSON.stringify({ packages }) });
  assert.equal(step.check(), "none installed yet");

  const { "": _root, "node_modules/for-macos": _optional, ...installed } = packages;
  const record = (/** @type {object} */ have) =>
    writeFiles(root, { "node_modules/.package-lock.json": JSON.stringify({ packages: have }) });
  fs.mkdirSync(path.join(root, "node_modules/a/node_modules/b"), { recursive: true });
  fs.mkdirSync(path.join(root, "scripts/drawings"), { recursive: true });
  record(installed);
  assert.equal(step.check(), "convnets-drawings is not as locked");
  fs.symlinkSync("../scripts/drawings", path.join(root, "node_modules/convnets-drawings"));
  assert.equal(step.check(), undefined);

  record({ ...installed, "node_modules/a": { version: "0.9.0" } });
  assert.equal(step.check(), "a is not as locked");
  record(installed);
  fs.rmSync(path.join(root, "node_modules/a/node_modules"), { recursive: true });
  assert.equal(step.check(), "b is not as locked");
});

test("the Python step uses a linked .venv as it is, and refuses one without TensorFlow", (t) => {
  const root = temporaryFolder(t);
  const elsewhere = temporaryFolder(t);
  fs.symlinkSync(elsewhere, path.join(root, ".venv"));
  const step = venvStep(projectPaths(root));
  assert.throws(() => step.check(), /\.venv is a link to .*no TensorFlow/);
  writeFiles(elsewhere, {
    "lib/python3.11/site-packages/tensorflow_cpu-2.21.0.dist-info/RECORD": "",
    "lib/python3.11/site-packages/tensorflow_cpu-2.21.0.dist-info/INSTALLER": "pip\n",
  });
  assert.equal(step.check(), undefined);
});

test("papermill finds the translator by an entry point, which is written once", (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "lib/python3.11/site-packages/pip.txt": "" });
  const step = papermillStep({ ...paths, venv: folder });
  assert.equal(step.check(), "writing its entry point");
  step.run(quietly);
  assert.equal(step.check(), undefined);
  const packages = path.join(folder, "lib/python3.11/site-packages");
  const info = path.join(packages, "convnets_papermill-1.0.0.dist-info");
  assert.match(
    fs.readFileSync(path.join(info, "entry_points.txt"), "utf8"),
    /^\[papermill\.engine\]\ntslab = convnets_papermill:/,
  );
  const [place = ""] = fs.readFileSync(`${packages}/convnets_papermill.pth`, "utf8").split("\n");
  assert.ok(fs.existsSync(path.join(place, "convnets_papermill.py")));
});

test("Jupyter finds the project's settings in the environment, which are written once", (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "lib/python3.11/site-packages/pip.txt": "" });
  const step = jupyterStep({ ...paths, venv: folder });
  assert.equal(step.check(), "writing them");
  step.run(quietly);
  assert.equal(step.check(), undefined);
  assert.deepEqual(fs.readdirSync(path.join(folder, "etc/jupyter")), [
    "jupyter_nbconvert_config.py",
    "jupyter_server_config.py",
  ]);
  const pth = path.join(folder, "lib/python3.11/site-packages/convnets_jupyter.pth");
  const place = fs.readFileSync(pth, "utf8").trim();
  assert.ok(fs.existsSync(path.join(place, "convnets_jupyter.py")));
});

/**
 * A checkout whose native files are tiny ones.
 * @param {import("node:test").TestContext} t
 */
function tinyNative(t) {
  const folder = temporaryFolder(t);
  const tiny = {
    ...paths,
    logs: path.join(folder, "logs"),
    cache: path.join(folder, "cache"),
    tfjsNode: path.join(folder, "tfjs"),
    binding: path.join(folder, "tfjs/lib/binding.node"),
    session: path.join(folder, "made/session.node"),
    sessionSources: path.join(folder, "session"),
    quiet: path.join(folder, "made/quiet.node"),
    quietSources: path.join(folder, "quiet"),
  };
  writeFiles(folder, {
    "tfjs/binding/binding.cc": source('"binding"'),
    "session/version.cc": source("TF_Version()", "#include <tensorflow/c/c_api.h>"),
    "quiet/quiet.cc": source('"quiet"'),
  });
  return { tiny, folder };
}

/** @param {string} text @param {string} [include] */
function source(text, include = "") {
  return `#include <node_api.h>
    ${include}
    static napi_value Init(napi_env env, napi_value) {
      napi_value text;
      napi_create_string_utf8(env, ${text}, NAPI_AUTO_LENGTH, &text);
      return text;
    }
    NAPI_MODULE(tiny, Init)`;
}

/** @param {string} file */
async function loaded(file) {
  const script = `process.stdout.write(require(${JSON.stringify(file)}))`;
  // The library opens TensorFlow's before it loads such a file.
  const env = { LD_LIBRARY_PATH: installedTensorFlow(paths.venv)?.folder };
  const { code, output } = await runProgram([process.execPath, "-e", script], { env });
  assert.equal(code, 0, output);
  return output.split("\n").at(-1);
}

test("the native step compiles against .venv's TensorFlow, and again only what changed", async (t) => {
  const { tiny, folder } = tinyNative(t);
  const step = nativeStep(tiny);
  assert.equal(step.check(), "compiling");
  assert.match(String(await step.run(quietly)), /^binding\.node, session\.node, quiet\.node with /);
  assert.equal(step.check(), undefined);
  assert.equal(await loaded(tiny.binding), "binding");
  assert.equal(await loaded(tiny.session), "2.21.0");
  assert.equal(await loaded(tiny.quiet), "quiet");

  await t.test(
    "a source with an error: the compiler's words, and the file that worked",
    async () => {
      writeFiles(folder, { "tfjs/binding/binding.cc": `${source('"new"')}\nthis is not C++;` });
      await assert.rejects(
        async () => step.run(quietly),
        (error) => {
          assert.ok(error instanceof StepError);
          assert.match(error.message, /^Compiling binding\.node failed/);
          assert.match(error.details ?? "", /binding\.cc:\d+:\d+: error/);
          assert.match(error.todo, /C\+\+17.*CXX=/);
          return true;
        },
      );
      assert.equal(await loaded(tiny.binding), "binding");
      const files = fs.readdirSync(path.dirname(tiny.binding)).sort();
      assert.deepEqual(files, ["binding.node", "binding.node.stamp"]);
    },
  );

  await t.test("the source corrected: that file alone is made", async () => {
    writeFiles(folder, { "tfjs/binding/binding.cc": source('"changed"') });
    assert.equal(step.check(), "compiling");
    assert.match(String(await step.run(quietly)), /^binding\.node with /);
    assert.equal(await loaded(tiny.binding), "changed");
  });
});

test("the native step compiles without any C++ compiler on the machine", {
  skip: slow,
}, async (t) => {
  const { tiny, folder } = tinyNative(t);
  const log = path.join(folder, "venv.log");
  const venv = path.join(folder, "venv"); // the compiler is installed here, not in the project's
  await run(["python3", "-m", "venv", venv], { log, doing: "venv", todo: "" });
  const { CXX } = process.env;
  process.env.CXX = "none";
  t.after(() => {
    if (CXX === undefined) delete process.env.CXX;
    else process.env.CXX = CXX;
  });
  const step = nativeStep({ ...tiny, python: path.join(venv, "bin/python") });
  assert.match(String(await step.run(quietly)), /with ziglang$/);
  assert.equal(await loaded(tiny.session), "2.21.0");
});

test("the library step compiles after a change and removes what has no source any more", async (t) => {
  const root = temporaryFolder(t);
  const small = {
    ...projectPaths(root),
    nodeModules: paths.nodeModules,
    typescript: paths.typescript,
  };
  writeFiles(root, {
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        rootDir: ".",
        outDir: ".build",
        module: "node16",
        types: [],
      },
      include: ["lib"],
    }),
    "lib/index.ts": 'export { one } from "./one";',
    "lib/one.ts": "export const one: number = 1;",
  });
  const step = libraryStep(small);
  await step.run(quietly);
  assert.equal(step.check(), undefined);
  const require = createRequire(import.meta.url);
  assert.equal(require(path.join(root, ".build/lib/index.js")).one, 1);

  fs.rmSync(path.join(root, ".build/lib"), { recursive: true });
  assert.equal(step.check(), "compiling …");
  await step.run(quietly);
  assert.ok(fs.existsSync(path.join(root, ".build/lib/one.js")), "made again after it was removed");

  fs.rmSync(path.join(root, "lib/one.ts"));
  writeFiles(root, { "lib/index.ts": "export const two: number = 2;" });
  assert.equal(step.check(), "compiling …");
  await step.run(quietly);
  assert.ok(!fs.existsSync(path.join(root, ".build/lib/one.js")));

  writeFiles(root, { "lib/index.ts": 'export const two: number = "two";' });
  await assert.rejects(
    async () => step.run(quietly),
    (error) =>
      error instanceof StepError && /index\.ts\(1,14\): error TS2322/.test(error.details ?? ""),
  );
  assert.equal(step.check(), "compiling …");
});

test('the kernel imports "convnets" from any folder of the repository and stays silent', async (t) => {
  const jupyter = temporaryFolder(t);
  fs.mkdirSync(paths.cache, { recursive: true });
  const notebookFolder = temporaryFolder(t, paths.cache);
  writeFiles(jupyter, { "kernels/tslab/kernel.json": JSON.stringify(kernelSpec(paths)) });
  const cell = `import { tf } from "convnets";
    const sum: number = tf.tensor1d([1, 2]).sum().dataSync()[0];
    console.log(sum, process.execPath, require.resolve("tslab"));`;
  const script = `
import json, sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(sys.argv[2])])
NotebookClient(notebook, kernel_name="tslab", resources={"metadata": {"path": sys.argv[1]}}).execute()
print(json.dumps(notebook.cells[0].outputs))`;
  const { code, output } = await runProgram([paths.python, "-c", script, notebookFolder, cell], {
    env: { ...process.env, JUPYTER_PATH: jupyter },
  });
  assert.equal(code, 0, output);
  const tslab = path.join(paths.nodeModules, "tslab/dist/public.js");
  assert.deepEqual(JSON.parse(output), [
    { output_type: "stream", name: "stdout", text: `3 ${process.execPath} ${tslab}\n` },
  ]);
});
