// @ts-check
/** Where things are. Every path of set-up is named here, once. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { specFile } from "../jupyter/kernelSpec.mjs";

/**
 * @typedef {ReturnType<typeof projectPaths>} Paths
 */

/** The repository's root. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * The paths of a checkout.
 * @param {string} root Its root folder.
 */
export function projectPaths(root) {
  const nodeModules = path.join(root, "node_modules");
  const venv = path.join(root, ".venv");
  const cache = path.join(root, ".cache");
  const build = path.join(root, ".build");
  return {
    root,
    nodeModules,
    venv,
    python: path.join(venv, "bin/python"),
    requirements: path.join(root, "scripts/requirements.txt"),
    cache,
    logs: path.join(cache, "logs"),
    lock: path.join(cache, "setup.lock"),
    deviceChoice: path.join(cache, "device"),
    build,
    tslab: path.join(nodeModules, "tslab/dist/main.js"),
    kernel: path.join(root, "scripts/kernel/index.mjs"),
    typescript: path.join(nodeModules, "typescript/bin/tsc"),
    kernelSpec: specFile(path.join(venv, "share/jupyter")),
    papermill: path.join(root, "scripts/notebooks/papermill"),
    jupyter: path.join(root, "scripts/notebooks/jupyter"),
    tfjsNode: path.join(nodeModules, "@tensorflow/tfjs-node-gpu"),
    binding: path.join(nodeModules, "@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node"),
    session: path.join(build, "native/session.node"),
    sessionSources: path.join(root, "lib/native/session"),
    quiet: path.join(build, "native/quiet.node"),
    quietSources: path.join(root, "lib/native/quiet"),
    docs: path.join(root, "docs"),
    reference: path.join(root, "docs/api"),
    typedoc: path.join(root, "docs/node_modules/typedoc/bin/typedoc"),
    notebooks: path.join(root, "notebooks"),
    data: path.join(root, "data"),
    weights: path.join(root, "data/weights"),
  };
}

export const paths = projectPaths(root);
