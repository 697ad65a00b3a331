// @ts-check
/** `npm run doctor`: what is there and what is broken, on one screen. Changes nothing; ends with 1 if something is. */
import { readCommand } from "./commands/index.mjs";
import { examine } from "./doctor/checks.mjs";
import { report } from "./doctor/report.mjs";
import { paths } from "./setup/paths.mjs";

readCommand("doctor");
const findings = await examine(paths);
console.log(report(findings));
process.exitCode = findings.some(({ hint }) => hint !== undefined) ? 1 : 0;
