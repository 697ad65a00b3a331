import assert from "node:assert/strict";
import { test } from "node:test";
import { section, whyNoDisks } from "../../scripts/torture/disks";

const skip = whyNoDisks() ?? false;

test("every writer survives a disk that is full, read-only or taken away", { skip }, async () => {
  const { tried, faults } = await section.run({ seed: 1, scale: 0, say: () => {} });
  assert.deepEqual(faults, []);
  assert.ok(tried > 50, `${tried} tried`);
});
