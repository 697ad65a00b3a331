// @ts-check
/** One of the processes of `npm run workers`: its script, and what it is given. */
import { startScript } from "../script/start.mjs";

const [file = "", ...args] = process.argv.slice(2);
await startScript(file, args);
