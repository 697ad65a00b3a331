/** Jupyter as set-up configures it, also where .venv belongs to another checkout. */
import path from "node:path";
import { repositoryRoot } from "./python";

const folder = path.join(repositoryRoot, "scripts/notebooks/jupyter");

/** Variables that lead JupyterLab and nbconvert to the project's own settings. */
export const jupyterSettings = {
  JUPYTER_CONFIG_PATH: path.join(folder, "etc"),
  PYTHONPATH: folder,
};
