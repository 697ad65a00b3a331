import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { iteratorOf, startPass, tf } from "../../lib/tfjs";

describe("a pass over a dataset of our own", () => {
  async function* numbers(ends: string[]) {
    try {
      for (let i = 0; i < 3; i++) yield tf.scalar(i);
    } finally {
      ends.push("closed");
    }
  }

  it("gives the generator's elements, each once", async () => {
    const before = tf.memory().numTensors;
    const ends: string[] = [];
    const pass = await startPass({ iterator: () => iteratorOf(() => numbers(ends)) });
    const seen: number[] = [];
    for (;;) {
      const { value, done } = await pass.next();
      if (done) break;
      seen.push(value.dataSync()[0]!);
      value.dispose();
    }
    assert.deepEqual(seen, [0, 1, 2]);
    assert.deepEqual(ends, ["closed"]);
    assert.equal(tf.memory().numTensors, before);
  });

  it("ends the generator when it is left early", async () => {
    const ends: string[] = [];
    const pass = await startPass({ iterator: () => iteratorOf(() => numbers(ends)) });
    tf.dispose((await pass.next()).value);
    assert.deepEqual(ends, []);
    await pass.return?.();
    assert.deepEqual(ends, ["closed"]);
  });
});
