// @ts-check
/** `npm test [-- --unit] [-- PATTERN…]`: set-up, then everything that is checked, and one closing line. */
import { parseArgs } from "node:util";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";
import { deadCode, documentation, lint, typeCheck } from "./test/checks.mjs";
import { runFixtures } from "./test/fixtures.mjs";
import { add, closingLine, nothing } from "./test/tally.mjs";
import { findTests, runUnitTests } from "./test/unit.mjs";

const usage = `npm test [-- --unit] [-- PATTERN…]

  (nothing)   lint, dead code, types, comments, unit tests, and the notebooks against their committed outputs
  --unit      unit tests only
  PATTERN     unit tests only, in files whose path contains one of the patterns`;

const { values, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: { unit: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

await setUp();
const tests = findTests(paths, patterns);
if (tests.length === 0) {
  console.error(`No test file's path contains ${patterns.join(" or ")}.`);
  process.exit(1);
}
const all = !values.unit && patterns.length === 0;
const parts = all
  ? [lint, deadCode, typeCheck, documentation, () => runUnitTests(paths, tests), runFixtures]
  : [() => runUnitTests(paths, tests)];

let total = nothing;
for (const part of parts) total = add(total, await part(paths));
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
