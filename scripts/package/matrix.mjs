// @ts-check
/** Tries the package with everything that docs/works-with.md names. Needs the network, some minutes and 3 GB. */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { paths } from "../setup/paths.mjs";
import { seconds } from "../setup/runner.mjs";
import { npmCommand } from "../setup/steps/npm.mjs";
import { installNode } from "../test/otherNode.mjs";
import { files, managers, nodes, rows, tools } from "./matrixRows.mjs";

/**
 * Runs each row whose name has one of the words, or all; ends with 1 if one fails.
 * @param {string} tarball
 * @param {readonly string[]} words
 */
export async function runMatrix(tarball, words) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "convnets matrix "));
  try {
    fs.chmodSync(folder, 0o755);
    const matrix = new Matrix(folder, tarball, words);
    await matrix.run();
    process.exitCode = matrix.failed > 0 ? 1 : 0;
  } finally {
    spawnSync("chmod", ["-R", "u+w", folder]);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

class Matrix {
  failed = 0;

  /**
   * @param {string} folder
   * @param {string} tarball
   * @param {readonly string[]} words
   */
  constructor(folder, tarball, words) {
    this.folder = folder;
    this.tarball = tarball;
    this.words = words;
  }

  async run() {
    const project = this.project("a project", tools);
    const npm = [...npmCommand(), "install", "--no-audit", "--no-fund", "--loglevel=error"];
    this.row(
      { name: "npm, a path with spaces", commands: [npm, ...both], prints: trained },
      { cwd: project },
    );
    for (const row of rows) this.row(row, { cwd: project });
    for (const [major, version] of Object.entries(nodes)) {
      const all = Number(major) < 22 ? both : [...both, ["node", "train.mts"]];
      const row = { name: `Node ${version}`, commands: all, prints: trained };
      if (this.isWanted(row.name))
        this.row(row, { cwd: project, node: await installNode(version) });
    }
    spawnSync("chmod", ["-R", "a-w", path.join(project, "node_modules")]);
    const readOnly = { name: "a read-only node_modules", commands: both, prints: trained };
    this.row(readOnly, { cwd: project, asNobody: true });
    this.workspaces(npm);
    for (const [name, manager] of Object.entries(managers)) this.manager(name, manager, npm);
  }

  /** @param {string[]} npm */
  workspaces(npm) {
    const root = path.join(this.folder, "workspaces");
    this.project("workspaces/packages/one", {});
    fs.writeFileSync(
      path.join(root, "package.json"),
      `{ "private": true, "workspaces": ["packages/*"] }`,
    );
    const move = ["sh", "-c", "cd packages/one && node train.mjs"];
    this.row({ name: "npm workspaces", commands: [npm, move], prints: trained }, { cwd: root });
  }

  /**
   * @param {string} name
   * @param {import("./matrixRows.mjs").Manager} manager
   * @param {string[]} npm
   */
  manager(name, { tool, install, node, settings = "" }, npm) {
    const own = path.join(this.folder, `with ${name}`);
    fs.mkdirSync(own);
    fs.writeFileSync(path.join(own, "package.json"), "{}");
    const project = this.project(`${name} project`, {});
    fs.writeFileSync(path.join(project, ".yarnrc.yml"), `enableScripts: false\n${settings}`);
    const at = (/** @type {string[]} */ [program = "", ...rest]) => [
      path.join(own, "node_modules/.bin", program),
      ...rest,
    ];
    const trains = both.map(([program = "", ...rest]) => [
      ...(node === undefined ? [program] : at(node)),
      ...rest,
    ]);
    const commands = [[...npm, "--prefix", own, tool], at(install), ...trains];
    this.row({ name, commands, prints: trained }, { cwd: project });
  }

  /**
   * A project with the package and the programs, in which nothing is installed yet.
   * @param {string} name
   * @param {Record<string, string>} others
   */
  project(name, others) {
    const project = path.join(this.folder, name);
    const dependencies = { convnets: `file:${this.tarball}`, ...others };
    const manifest = {
      name: path.basename(name).replaceAll(" ", "-"),
      private: true,
      dependencies,
    };
    const texts = { ...files, "package.json": JSON.stringify(manifest) };
    for (const [file, text] of Object.entries(texts)) {
      fs.mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
      fs.writeFileSync(path.join(project, file), text);
    }
    return project;
  }

  /** @param {string} name */
  isWanted(name) {
    const isFirst = name.startsWith("npm, "); // the others are in its project
    return isFirst || this.words.length === 0 || this.words.some((word) => name.includes(word));
  }

  /**
   * @param {import("./matrixRows.mjs").Row} row
   * @param {{ cwd: string, node?: string, asNobody?: boolean }} options
   */
  row({ name, commands, prints, code = 0 }, { cwd, node = process.execPath, asNobody = false }) {
    if (!this.isWanted(name)) return;
    const started = performance.now();
    const nobody = asNobody && process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const { PATH, ...rest } = process.env;
    const own = { VIRTUAL_ENV: paths.venv, HOME: path.join(this.folder, "home") };
    const env = { ...rest, ...own, PATH: `${path.dirname(node)}:${PATH}` };
    let problem = "";
    for (const [i, [program = "", ...args]] of commands.entries()) {
      const isLast = i === commands.length - 1;
      const result = spawnSync(program === "node" ? node : program, args, {
        ...{ cwd, env, encoding: "utf8", timeout: 600_000, ...nobody },
      });
      const text = `${result.stdout}${result.stderr}${result.error ?? ""}`;
      const isRight = isLast ? result.status === code && prints.test(text) : result.status === 0;
      if (isRight) continue;
      problem = `${program} ${args.join(" ")}: ${result.signal ?? result.status}\n${text.slice(-1500)}`;
      break;
    }
    console.log(`${problem ? "✖" : "✔"} ${name} (${seconds(started)})`);
    if (problem === "") return;
    this.failed++;
    console.log(problem.replace(/^/gm, "    "));
  }
}

const both = [
  ["node", "train.mjs"],
  ["node", "train.cjs"],
];
const trained = /^epochs 3$/m;
