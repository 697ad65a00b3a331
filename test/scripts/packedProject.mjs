// @ts-check
/** The package as a user has it: packed, and unpacked into a project outside the repository. */
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { stage, stageDrawings } from "../../scripts/package/stage.mjs";
import { paths } from "../../scripts/setup/paths.mjs";
import { npmCommand } from "../../scripts/setup/steps/npm.mjs";
import { runProgram } from "./support.mjs";

/** Makes one. Whoever does removes its `folder`. */
export async function packedProject() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "convnets package "));
  const project = path.join(folder, "a project");
  const installed = path.join(project, "node_modules/convnets");
  const home = path.join(folder, "home");

  /**
   * Packs what `lay` lays out, and unpacks it.
   * @param {typeof stage} lay
   * @param {string} into
   */
  async function packInto(lay, into) {
    const cwd = path.join(folder, "staged");
    lay(paths, cwd);
    const line = [...npmCommand(), "pack", "--silent", "--pack-destination", folder];
    const { code, output } = await runProgram(line, { cwd });
    assert.equal(code, 0, output);
    const tarball = path.join(folder, output.trim());
    fs.mkdirSync(into, { recursive: true });
    await runProgram(["tar", "-xzf", tarball, "--strip-components=1", "-C", into]);
    return tarball;
  }

  const tarball = await packInto(stage, installed);
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
    /** Installs the package that draws. */
    async installDrawings() {
      const into = path.join(project, "node_modules/convnets-drawings");
      await packInto(stageDrawings, into);
      const text = fs.readFileSync(path.join(into, "package.json"), "utf8");
      for (const name of Object.keys(JSON.parse(text).dependencies)) link(name);
    },
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
