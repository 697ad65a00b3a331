// @ts-check
/** `npm test [-- --unit] [-- PATTERN…]`: set-up, then everything that is checked, and one closing line. */
import { readCommand } from "./commands/index.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";
import { deadCode, documentation, lint, typeCheck } from "./test/checks.mjs";
import { runFixtures } from "./test/fixtures.mjs";
import { add, closingLine, nothing } from "./test/tally.mjs";
import { findTests, runUnitTests } from "./test/unit.mjs";

const { unit, patterns } = readCommand("test");
await setUp();
const tests = findTests(paths, patterns);
const all = !unit && patterns.length === 0;
const parts = all
  ? [lint, deadCode, typeCheck, documentation, () => runUnitTests(paths, tests), runFixtures]
  : [() => runUnitTests(paths, tests)];

let total = nothing;
for (const part of parts) total = add(total, await part(paths));
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
