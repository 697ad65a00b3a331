// @ts-check
/** `npm run pack`: set-up, then the packages `convnets` and `convnets-drawings` as files that npm can install. */
import fs from "node:fs";
import path from "node:path";
import { readCommand } from "./commands/index.mjs";
import { runMatrix } from "./package/matrix.mjs";
import { stage, stageDrawings } from "./package/stage.mjs";
import { handOver } from "./setup/handOver.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";
import { npmCommand } from "./setup/steps/npm.mjs";

const { matrix, words } = readCommand("pack");
await setUp();
const folder = path.join(paths.build, "package");
const drawings = path.join(paths.build, "drawings-package");
stage(paths, folder);
stageDrawings(paths, drawings);
for (const cwd of [drawings, folder]) {
  await handOver([...npmCommand(), "pack", "--pack-destination", paths.build], { cwd });
  if (process.exitCode !== 0) break;
}
if (matrix && process.exitCode === 0) {
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  await runMatrix(path.join(paths.build, `convnets-${version}.tgz`), words);
}
