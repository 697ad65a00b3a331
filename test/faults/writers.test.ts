/** The short form of `npm run torture -- kills processes`. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { section as kills } from "../../scripts/torture/kills";
import { section as processes } from "../../scripts/torture/processes";

const short = { seed: Math.floor(Math.random() * 1e6), scale: 0.03, say() {} };

it("every writer leaves whole files when it is killed, and the next one tidies", async () => {
  const { tried, faults } = await kills.run(short);
  assert.deepEqual(faults, [], `seed ${short.seed}`);
  assert.ok(tried >= 26);
});

it("every writer works in three processes on one folder at the same time", async () => {
  const { tried, faults } = await processes.run(short);
  assert.deepEqual(faults, []);
  assert.ok(tried >= 13);
});
