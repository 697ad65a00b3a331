import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/index";
import { section } from "../../scripts/torture/kept";

test("damaged caches, backups, archives and digits are read right, made anew, or refused by name", async () => {
  await section.run({ seed: 2, scale: 0, say: () => {} }); // makes the model that stays
  const before = tf.memory().numTensors;
  const { tried, faults } = await section.run({ seed: 1, scale: 0.03, say: () => {} });
  assert.deepEqual(faults, []);
  assert.ok(tried > 100, `${tried} tried`);
  assert.equal(tf.memory().numTensors, before);
});
