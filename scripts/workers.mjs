// @ts-check
/**
 * `npm run workers -- N FILE.ts [ARGUMENT…]`: runs a script in N processes of this machine that train together, each with
 * its TF_CONFIG.
 */
import { readCommand } from "./commands/index.mjs";
import { setUp } from "./setup/index.mjs";
import { runWorkers } from "./workers/crew.mjs";

const { count, file, args } = readCommand("workers");
await setUp();
process.exitCode = await runWorkers(count, [file, ...args]);
