// @ts-check
/** `npm test [-- --unit] [-- PATTERN…]`: set-up, then everything that is checked, and one closing line. */
import { readCommand } from "./commands/index.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";
import { deadCode, documentation, lint, typeCheck } from "./test/checks.mjs";
import { runFixtures } from "./test/fixtures.mjs";
import { closingLine, sumOf } from "./test/tally.mjs";
import { findTests, runUnitTests } from "./test/unit.mjs";

const { unit, patterns } = readCommand("test");
await setUp();
const tests = findTests(paths, patterns);
const unitTests = {
  title: `Unit tests (${tests.length} files)`,
  run: () => runUnitTests(paths, tests),
};
const total = await sumOf(
  unit || patterns.length > 0
    ? [unitTests]
    : [
        { title: "Format and lint rules", run: () => lint(paths) },
        { title: "Dead code", run: () => deadCode(paths) },
        { title: "Types of the scripts", run: () => typeCheck(paths) },
        { title: "Comments of the public surface", run: () => documentation(paths) },
        unitTests,
        { title: "Notebooks against their committed outputs", run: () => runFixtures(paths) },
      ],
);
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
