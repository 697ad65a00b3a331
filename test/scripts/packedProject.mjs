// @ts-check
/** The package as a user has it: packed, and unpacked into a project outside the repository. */
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { stage } from "../../scripts/package/stage.mjs";
import { paths } from "../../scripts/setup/paths.mjs";
import { npmCommand } from "../../scripts/setup/steps/npm.mjs";
import { runProgram } from "./support.mjs";

/** Makes one. Whoever does removes its `folder`. */
export async function packedProject() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "convnets package "));
  const project = path.join(folder, "a project");
  const installed = path.join(project, "node_modules/convnets");
  const home = path.join(folder, "home");
  const staged = path.join(folder, "staged");
  stage(paths, staged);
  const { code, output } = await runProgram(
    [...npmCommand(), "pack", "--silent", "--pack-destination", folder],
    { cwd: staged },
  );
  assert.equal(code, 0, output);
  const tarball = path.join(folder, output.trim());
  fs.mkdirSync(installed, { recursive: true });
  await runProgram(["tar", "-xzf", tarball, "--strip-components=1", "-C", installed]);
  const manifest = JSON.parse(fs.readFileSync(path.join(installed, "package.json"), "utf8"));

  /**
   * Links the repository's copy of a package.
   * @param {string} name
   */
  function link(name) {
    const place = path.join(project, "node_modules", name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    if (!fs.existsSync(place)) fs.symlinkSync(path.join(paths.nodeModules, name), place);
  }

  /** A user's environment who has nothing. @param {NodeJS.ProcessEnv} [settings] Added to it. */
  function environment(settings = {}) {
    const { CONVNETS_HOME: _, XDG_CACHE_HOME: __, VIRTUAL_ENV: ___, ...rest } = process.env;
    const { JUPYTER_DATA_DIR: ____, JUPYTER_PATH: _____, ...env } = rest;
    return { ...env, HOME: home, ...settings };
  }

  return {
    folder,
    project,
    installed,
    home,
    tarball,
    manifest,
    link,
    environment,
    /** Links what the package says that it needs, and nothing else. */
    linkDependencies() {
      for (const name of Object.keys(manifest.dependencies)) link(name);
    },
    /**
     * Runs Node there.
     * @param {string[]} args
     * @param {NodeJS.ProcessEnv} [settings] Added to the environment.
     */
    node(args, settings) {
      const command = [process.execPath, "--no-deprecation", ...args];
      return runProgram(command, { cwd: project, env: environment(settings) });
    },
    /** The command `convnets`, as a script for Node. */
    command: path.join(installed, "scripts/convnets.mjs"),
  };
}
