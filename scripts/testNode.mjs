// @ts-check
/** `npm run test:node -- 22 [PATTERN…]`: the unit tests on another Node, got from the npm registry. */
import path from "node:path";
import { readCommand } from "./commands/index.mjs";
import { outputOf } from "./setup/command.mjs";
import { attend } from "./setup/handOver.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";
import { explainFailure } from "./setup/runner.mjs";
import { installNode } from "./test/otherNode.mjs";

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
