// @ts-check
/**
 * `npm run script -- FILE.ts [ARGUMENT…]`: runs a script in TypeScript, such as nbconvert makes of a notebook, and in its
 * own folder, as a notebook runs.
 */
import { readCommand } from "./commands/index.mjs";
import { startScript } from "./script/start.mjs";
import { setUp } from "./setup/index.mjs";

const { file, args } = readCommand("script");
await setUp();
await startScript(file, args);
