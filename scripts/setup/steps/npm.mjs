// @ts-check
/** The npm packages, as the lock file has them. */
import fs from "node:fs";
import path from "node:path";
import { run, which } from "../command.mjs";
import { StepError } from "../errors.mjs";

/** What npm has installed, as it notes itself. */
const listName = ".package-lock.json";

/** @typedef {{ version?: string, link?: boolean, optional?: boolean }} LockedPackage */

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function npmStep({ root, nodeModules, logs }) {
  return {
    name: "npm packages",
    check: () => staleness(root, nodeModules),
    async run(tell) {
      const npm = npmCommand();
      tell("npm ci …");
      fs.rmSync(path.join(nodeModules, listName), { force: true }); // npm writes it last
      await run([...npm, "ci", "--prefer-offline", "--no-progress", "--loglevel=http"], {
        cwd: root,
        log: path.join(logs, "npm.log"),
        doing: "Installing the npm packages",
        todo: "check the network and npm's registry (`npm config get registry`), then run the command again.",
        onLine: (line) => tell(line.replace(/^npm http /, "")),
      });
      return `${installed(nodeModules).size} packages`;
    },
  };
}

/** npm as the running script was started by it, or as the PATH has it. */
export function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.[cm]?js$/.test(cli)) return [process.execPath, cli];
  const npm = which("npm");
  if (npm !== undefined) return [npm];
  throw new StepError("npm was not found.", {
    todo: "install Node together with npm (nodejs.org, nvm, or your system's packages).",
  });
}

/**
 * Why the packages have to be installed, or `undefined`.
 * @param {string} root
 * @param {string} nodeModules
 */
function staleness(root, nodeModules) {
  const have = installed(nodeModules);
  if (have.size === 0) return "none installed yet";
  for (const [place, wanted] of lockedPackages(path.join(root, "package-lock.json"))) {
    if (!place.includes("node_modules")) continue; // a workspace's own folder
    const there = have.get(place);
    if (there === undefined && wanted.optional) continue; // made for another platform
    if (there?.version !== wanted.version || !fs.existsSync(path.join(root, place))) {
      return `${place.replace(/^.*node_modules\//, "")} is not as locked`;
    }
  }
  return undefined;
}

/** @param {string} nodeModules */
function installed(nodeModules) {
  try {
    return lockedPackages(path.join(nodeModules, listName));
  } catch {
    return new Map(); // npm was cut off while it wrote the list
  }
}

/**
 * @param {string} file
 * @returns {Map<string, LockedPackage>} By place, as in `node_modules/a/node_modules/b`.
 */
function lockedPackages(file) {
  if (!fs.existsSync(file)) return new Map();
  const { packages } = JSON.parse(fs.readFileSync(file, "utf8"));
  return new Map(Object.entries(packages));
}
