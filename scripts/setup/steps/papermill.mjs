// @ts-check
/**
 * The Python package by which papermill knows TypeScript, if the user installs papermill: an editable installation, as
 * pip would write it.
 */
import path from "node:path";
import { sitePackages } from "../packages.mjs";
import { writtenStep } from "./written.mjs";

const NAME = "convnets_papermill";
const VERSION = "1.0.0";

/**
 * What is written, by its name in site-packages.
 * @param {string} folder The package's own.
 * @returns {Record<string, string>}
 */
function translatorFiles(folder) {
  const info = `${NAME}-${VERSION}.dist-info`;
  const files = {
    [`${NAME}.pth`]: `${folder}\n`,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: convnets-papermill\nVersion: ${VERSION}\n`,
    [`${info}/INSTALLER`]: "convnets\n",
    [`${info}/entry_points.txt`]: `[papermill.engine]\ntslab = ${NAME}:NBClientEngine\n`,
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((file) => `${file},,\n`);
  return { ...files, [`${info}/RECORD`]: record.join("") };
}

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function papermillStep({ venv, papermill }) {
  const files = () => {
    const folder = sitePackages(venv);
    if (folder === undefined) return [];
    return Object.entries(translatorFiles(papermill)).map(
      ([name, text]) => /** @type {const} */ ([path.join(folder, name), text]),
    );
  };
  return writtenStep({
    name: "papermill's TypeScript",
    venv,
    files,
    reason: "writing its entry point",
    result: "parameters of notebooks",
  });
}
