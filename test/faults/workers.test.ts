import assert from "node:assert/strict";
import { test } from "node:test";
import { workerFaults } from "../../scripts/torture/workers";

test("when one of two workers is killed or hangs, the other one says so and trains again, to the same end", async () => {
  // How soon it says so is asked in the long form: this machine may be busy.
  const options = { seed: 1, workers: 2, limitMs: 120_000, say: () => {} };
  const { tried, faults } = await workerFaults(options);
  assert.deepEqual(faults, []);
  assert.equal(tried, 4);
});
