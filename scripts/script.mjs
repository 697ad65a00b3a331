// @ts-check
/**
 * `npm run script -- FILE.ts [ARGUMENT…]`: runs a script in TypeScript, such as nbconvert makes of a notebook, and in its
 * own folder, as a notebook runs.
 */
import { register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { readCommand } from "./commands/index.mjs";
import { setUp } from "./setup/index.mjs";

const { file, args } = readCommand("script");
await setUp();
process.argv.splice(1, Number.POSITIVE_INFINITY, file, ...args); // as if the script had been started by itself
process.setSourceMapsEnabled(true); // errors name the script's lines
register("./script/hooks.mjs", import.meta.url);
process.chdir(path.dirname(file)); // `../data/…` is what it was in the notebook
await import(pathToFileURL(file).href);
