// @ts-check
/** Nothing outside the project's folder: what the commands start makes nothing in the user's home. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { keepInside, ownFolders } from "../../scripts/setup/ownFolders.mjs";
import { paths } from "../../scripts/setup/paths.mjs";
import { npmCommand } from "../../scripts/setup/steps/npm.mjs";
import { runProgram, temporaryFolder, writeFiles } from "./support.mjs";

const [npm = "", ...npmArguments] = npmCommand();

/** An environment with an empty home, in which nobody has chosen folders. @param {string} home */
function environment(home) {
  const chosen = Object.keys(ownFolders(""));
  const others = Object.entries(process.env).filter(
    ([name]) => !chosen.includes(name) && !/^(XDG_|npm_|JUPYTER)/i.test(name),
  );
  return { ...Object.fromEntries(others), HOME: home };
}

test("what the environment names stays where it is", () => {
  const chosen = { PIP_CACHE_DIR: "/somewhere" };
  keepInside("/project/.cache", chosen);
  assert.equal(chosen.PIP_CACHE_DIR, "/somewhere");
  assert.equal(
    /** @type {NodeJS.ProcessEnv} */ (chosen).JUPYTER_DATA_DIR,
    "/project/.cache/jupyter/data",
  );
});

test("npm start leaves an empty home empty", async (t) => {
  const [home, folder] = [temporaryFolder(t), temporaryFolder(t, paths.root)];
  writeFiles(folder, { "notebooks/one.ipynb": notebook });
  const places = ["--folder", `${folder}/notebooks`, "--out", `${folder}/out`];
  const { code, output } = await runProgram([npm, ...npmArguments, "start", "--", ...places], {
    cwd: paths.root,
    env: environment(home),
  });
  assert.equal(code, 0, output);
  assert.deepEqual(fs.readdirSync(home), []);
});

test("JupyterLab as npm run lab starts it leaves an empty home empty", async (t) => {
  const home = temporaryFolder(t);
  const options = ["--no-browser", "--ServerApp.port=0", "--IdentityProvider.token=test"];
  const script = path.join(paths.root, "scripts/lab.mjs");
  const lab = spawn(process.execPath, [script, ...options], {
    cwd: paths.root,
    env: environment(home),
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => lab.kill("SIGTERM")); // after a failure, too
  const ended = once(lab, "close");
  const base = await addressOf(lab);
  const ask = async (/** @type {string} */ address, method = "GET", body = {}) => {
    const headers = { Authorization: "token test", "Content-Type": "application/json" };
    const content = method === "PUT" || method === "POST" ? { body: JSON.stringify(body) } : {};
    const answer = await fetch(`${base}/${address}`, { method, headers, ...content });
    assert.ok(answer.status < 300, `${method} ${address}: ${answer.status}`);
    return answer.status === 204 ? undefined : await answer.json();
  };
  const themes = "lab/api/settings/@jupyterlab/apputils-extension:themes";
  const { raw } = /** @type {{ raw: string }} */ (await ask(themes));
  await ask(themes, "PUT", { raw }); // whoever runs this keeps the theme
  const workspace = "lab/api/workspaces/own-folders-test";
  await ask(workspace, "PUT", { data: {}, metadata: { id: "own-folders-test" } });
  await ask(workspace, "DELETE");
  await ask("api/kernels", "POST", { name: "tslab" });
  lab.kill("SIGTERM");
  await ended;
  assert.deepEqual(fs.readdirSync(home), []);
  assert.ok(fs.existsSync(path.join(paths.cache, "jupyter/config/lab/user-settings")));
});

/**
 * Where JupyterLab answers.
 * @param {import("node:child_process").ChildProcess} lab
 * @returns {Promise<string>}
 */
function addressOf(lab) {
  return new Promise((resolve, reject) => {
    let log = "";
    for (const stream of [lab.stdout, lab.stderr]) {
      stream?.on("data", (chunk) => {
        log += chunk;
        const [, address] = /(http:\/\/127\.0\.0\.1:\d+)\/lab/.exec(log) ?? [];
        if (address !== undefined) resolve(address);
      });
    }
    lab.once("close", () => reject(new Error(log)));
  });
}

const notebook = JSON.stringify({
  cells: [
    {
      cell_type: "code",
      id: "one",
      source: 'import { tf } from "convnets"; console.log(tf.scalar(1).dataSync()[0]);',
      metadata: {},
      execution_count: 1,
      outputs: [{ output_type: "stream", name: "stdout", text: "1\n" }],
    },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
