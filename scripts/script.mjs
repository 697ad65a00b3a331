// @ts-check
/** `npm run script -- FILE.ts [ARGUMENTS]`: runs a script in TypeScript, such as nbconvert makes of a notebook. */
import { register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setUp } from "./setup/index.mjs";

const [file] = process.argv.splice(2, 1);
if (file === undefined || file.startsWith("-")) {
  const usage = "npm run script -- FILE.ts [ARGUMENTS]";
  console[file === "--help" ? "log" : "error"](usage);
  process.exit(file === "--help" ? 0 : 2);
}
await setUp();
process.argv[1] = path.resolve(file);
process.setSourceMapsEnabled(true); // errors name the script's lines
register("./script/hooks.mjs", import.meta.url);
await import(pathToFileURL(process.argv[1]).href);
