// @ts-check
/** `npm run docs`: set-up, then the reference of the library in `docs/api/`, from the comments in its code. */
import path from "node:path";
import { writeReference } from "./docs/reference.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";

await setUp();
process.exitCode = await writeReference(paths);
if (process.exitCode === 0) console.log(`Open ${path.join(paths.reference, "index.html")}`);
