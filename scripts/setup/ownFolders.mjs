// @ts-check
/** Folders that programs make in the user's home: here they are in .cache, unless the environment names others. */
import path from "node:path";

/**
 * The variables that name them.
 * @param {string} cache The project's own folder for such things.
 */
export function ownFolders(cache) {
  const inside = (/** @type {string} */ folder) => path.join(cache, folder);
  return {
    JUPYTER_CONFIG_DIR: inside("jupyter/config"), // JupyterLab's settings and workspaces, too
    JUPYTER_DATA_DIR: inside("jupyter/data"),
    JUPYTER_RUNTIME_DIR: inside("jupyter/runtime"),
    IPYTHONDIR: inside("ipython"),
    MPLCONFIGDIR: inside("matplotlib"),
    PIP_CACHE_DIR: inside("pip"),
    npm_config_cache: inside("npm"),
    CUDA_CACHE_PATH: inside("cuda"),
  };
}

/**
 * Keeps what this process starts inside the project.
 * @param {string} cache
 * @param {NodeJS.ProcessEnv} [environment] What is changed: this process' own by default.
 */
export function keepInside(cache, environment = process.env) {
  for (const [name, folder] of Object.entries(ownFolders(cache))) environment[name] ??= folder;
}
