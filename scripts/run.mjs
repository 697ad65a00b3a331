// @ts-check
/** `node scripts/run.mjs NAME …`: set-up, then the compiled script `.build/scripts/NAME.js`. */
import path from "node:path";
import { handOver } from "./setup/handOver.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";

const [name = "", ...args] = process.argv.slice(2);
await setUp();
await handOver([process.execPath, path.join(paths.build, "scripts", `${name}.js`), ...args]);
