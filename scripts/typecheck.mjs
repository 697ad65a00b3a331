// @ts-check
/** `npm run typecheck`: types of library, tests and scripts. */
import { readCommand } from "./commands/index.mjs";
import { attend } from "./setup/handOver.mjs";
import { paths } from "./setup/paths.mjs";
import { typeChecks } from "./test/checks.mjs";

readCommand("typecheck");
for (const check of typeChecks(paths)) process.exitCode ||= await attend(check);
