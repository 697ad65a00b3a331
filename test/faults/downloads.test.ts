import assert from "node:assert/strict";
import { test } from "node:test";
import { section } from "../../scripts/torture/downloads";

test("100 misbehaviours of a server and more end in the right file or an error, and spoil no later try", async () => {
  const { tried, faults } = await section.run({ seed: 1, scale: 0, say: () => {} });
  assert.deepEqual(faults, []);
  assert.ok(tried > 200, `${tried} tried`);
});
