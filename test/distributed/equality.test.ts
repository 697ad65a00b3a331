/** Several workers compute what one process does, whichever way the batches split. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { cases, type Outcome } from "./cases";
import { type Report, runCrew } from "./crew";

/** Those that cost most at start are done by two workers only. */
const byFour = [
  "Adam, its gradients clipped by their norm",
  "batches smaller than the workers are many",
  "BatchNormalization over whole batches",
  "a loss that is a sum, a regularizer, ratios and counts",
  "evaluate and predict",
];

/** bfloat16 rounds sums of other parts elsewhere. */
const tolerances: Record<string, number> = { bfloat16: 2e-2 };

const alone = new Map<string, Outcome>();
const together = new Map<number, Report[][]>();

before(async () => {
  const all = Object.keys(cases);
  const crews = runCrew(2, all).then(async (two) => {
    together.set(2, two);
    together.set(4, await runCrew(4, byFour));
  });
  for (const [name, run] of Object.entries(cases)) alone.set(name, await run(undefined, 0));
  await crews;
});

for (const size of [2, 4]) {
  describe(`${size} workers`, () => {
    for (const name of size === 2 ? Object.keys(cases) : byFour) {
      it(`equal one process: ${name}`, () => {
        const expected = alone.get(name)!;
        const reports = together.get(size)!.map((all) => all.find((each) => each.name === name)!);
        for (const { outcome } of reports) {
          const tolerance = tolerances[name] ?? 1e-5;
          assert.deepEqual(
            Object.keys(outcome.history).sort(),
            Object.keys(expected.history).sort(),
          );
          for (const [key, values] of Object.entries(expected.history)) {
            assertClose(outcome.history[key]!, values, { tolerance, what: key });
          }
          assertClose(outcome.weights, expected.weights, { tolerance, what: "weights" });
        }
        for (const { outcome } of reports.slice(1)) {
          assert.deepEqual(outcome.weights, reports[0]!.outcome.weights, "bit for bit the chief's");
        }
      });
    }
  });
}

function assertClose(
  actual: readonly number[],
  expected: readonly number[],
  { tolerance, what }: { tolerance: number; what: string },
): void {
  assert.equal(actual.length, expected.length, what);
  const differences = expected.map((value, i) => Math.abs(value - actual[i]!));
  const largest = Math.max(...differences);
  assert.ok(
    largest <= tolerance,
    `${what} differs by ${largest}: ${actual} and ${expected}`.slice(0, 300),
  );
}
