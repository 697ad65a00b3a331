// @ts-check
/** `npm run test:gpu`: set-up, then the tests that need a GPU. */
import { readCommand } from "./commands/index.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";
import { closingLine } from "./test/tally.mjs";
import { findTests, runUnitTests } from "./test/unit.mjs";

readCommand("test:gpu");
await setUp();
const total = await runUnitTests(paths, findTests(paths, ["onGpu."]));
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
