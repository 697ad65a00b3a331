// @ts-check
/** `npm run pack`: set-up, then the package `convnets` as a file that npm can install. */
import path from "node:path";
import { readCommand } from "./commands/index.mjs";
import { stage } from "./package/stage.mjs";
import { handOver } from "./setup/handOver.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";
import { npmCommand } from "./setup/steps/npm.mjs";

readCommand("pack");
await setUp();
const folder = path.join(paths.build, "package");
stage(paths, folder);
await handOver([...npmCommand(), "pack", "--pack-destination", paths.build], { cwd: folder });
