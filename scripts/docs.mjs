// @ts-check
/** `npm run docs`: set-up, then the reference of the library in `docs/api/`, from the comments in its code. */
import path from "node:path";
import { readCommand } from "./commands/index.mjs";
import { writeReference } from "./docs/reference.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";

readCommand("docs");
await setUp();
process.exitCode = await writeReference(paths);
if (process.exitCode === 0) console.log(`Open ${path.join(paths.reference, "index.html")}`);
