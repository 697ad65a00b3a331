import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { iteratorOf, tf } from "../../lib/tfjs";

/** Scalars 0, 1, 2 and so on, with a note of each pass that has ended. */
class Numbers extends tf.data.Dataset<tf.Tensor> {
  readonly ended: string[] = [];
  override readonly size = 10;

  override iterator() {
    const { ended, size } = this;
    return iteratorOf(async function* () {
      try {
        for (let i = 0; i < size; i++) yield tf.scalar(i);
      } finally {
        ended.push("ended");
      }
    });
  }
}

describe("`for await` over a dataset", () => {
  it("gives the elements in order, also after `map` and `batch`; the loop disposes them", async () => {
    const before = tf.memory().numTensors;
    const seen: number[][] = [];
    for await (const batch of new Numbers().map((x) => tf.square(x)).batch(4)) {
      assert.ok(batch instanceof tf.Tensor);
      seen.push([...batch.dataSync()]);
      batch.dispose();
    }
    assert.deepEqual(seen, [
      [0, 1, 4, 9],
      [16, 25, 36, 49],
      [64, 81],
    ]);
    assert.equal(tf.memory().numTensors, before);
  });

  it("starts anew each time, and ends the pass of a loop that is left", async () => {
    const before = tf.memory().numTensors;
    const numbers = new Numbers();
    for (let pass = 0; pass < 2; pass++) {
      for await (const number of numbers) {
        assert.deepEqual([...number.dataSync()], [0]);
        number.dispose();
        break;
      }
    }
    assert.deepEqual(numbers.ended, ["ended", "ended"]);
    assert.equal(tf.memory().numTensors, before);
  });

  it("hands on the error of the dataset", async () => {
    const broken = new Numbers().map((): tf.Tensor => {
      throw new Error("no such file");
    });
    await assert.rejects(async () => {
      for await (const _ of broken) assert.fail("there is no element");
    }, /no such file/);
  });
});
