/** Nothing that a cell writes is lost on its way to the notebook. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startKernel } from "../support/kernel";

test("a cell may write 5,000 lines at once, and later cells arrive whole too", async () => {
  const kernel = await startKernel();
  try {
    const many = await kernel.run("for (let i = 0; i < 5000; i++) console.log(i);");
    const lines = Array.from({ length: 5000 }, (_, i) => `${i}\n`);
    assert.equal(many.stdout, lines.join(""));
    for (let i = 0; i < 5; i++) {
      assert.equal((await kernel.run(`console.log("cell", ${i});`)).stdout, `cell ${i}\n`);
    }
  } finally {
    await kernel.stop();
  }
});
