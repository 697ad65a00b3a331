/** Damaged files; `npm run torture` tries 5,000. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { section } from "../../scripts/torture/mutations";

test("a damaged file loads to the same numbers or is one clear error that names it", async () => {
  const { tried, faults } = await section.run({ seed: 20, scale: 0.02, say: () => {} });
  assert.deepEqual(faults, []);
  assert.ok(tried >= 100);
});
