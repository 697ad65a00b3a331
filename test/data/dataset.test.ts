import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cache, cardinality, fromTensorSlices, shapes, tf } from "../../lib/index";

/** Runs `work` and requires it to leave as many tensors as there were. */
async function withoutLeak(work: () => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  await work();
  assert.equal(tf.memory().numTensors, before);
}

describe("fromTensorSlices", () => {
  it("goes through the rows of a tensor, in batches and reshaped, as rows 23 to 25 do", () =>
    withoutLeak(async () => {
      const numbers = tf.randomNormal([1000, 16]);
      const dataset = fromTensorSlices(numbers);
      const first = numbers.slice(0, 1);
      const expected = first.dataSync();
      tf.dispose([numbers, first]);
      assert.equal(cardinality(dataset), 1000);
      assert.deepEqual(await shapes(dataset, { count: 3 }), [[16], [16], [16]]);
      const batched = dataset.batch(32);
      assert.equal(cardinality(batched), 32);
      assert.deepEqual(await shapes(batched, { count: 2 }), [
        [32, 16],
        [32, 16],
      ]);
      const all = await shapes(batched, { count: 100 });
      assert.deepEqual([all.length, all.at(-1)], [32, [8, 16]]);
      const reshaped = dataset.map((row) => row.reshape([4, 4]));
      assert.deepEqual(await shapes(reshaped), [[4, 4]]);
      const { value } = await (await reshaped.iterator()).next();
      assert.deepEqual(value.dataSync(), expected);
      value.dispose();
    }));

  it("keeps dtypes and the names of a container", () =>
    withoutLeak(async () => {
      const xs = tf.tensor3d([1, 2, 3, 4], [2, 2, 1], "int32");
      const ys = tf.tensor1d(["cat", "dog"]);
      const dataset = fromTensorSlices({ xs, ys });
      tf.dispose([xs, ys]);
      const seen: unknown[] = [];
      await dataset.forEachAsync((element) => {
        seen.push([element.xs.dtype, element.xs.arraySync(), element.ys.arraySync()]);
        tf.dispose(element);
      });
      assert.deepEqual(seen, [
        ["int32", [[1], [2]], "cat"],
        ["int32", [[3], [4]], "dog"],
      ]);
    }));

  it("refuses scalars, no tensor at all, and first dimensions that differ", () =>
    withoutLeak(async () => {
      const [scalar, two, three] = [tf.scalar(1), tf.zeros([2, 1]), tf.zeros([3])];
      assert.throws(() => fromTensorSlices(scalar), /`x` must be of rank 1 or more/);
      assert.throws(() => fromTensorSlices([]), /`x` must be a tensor/);
      assert.throws(() => fromTensorSlices({ two, three }), /first dimension.*\[\[2,1\],\[3\]\]/);
      tf.dispose([scalar, two, three]);
    }));
});

describe("cardinality", () => {
  it("is the size, Infinity for an endless dataset, undefined where only reading tells", () => {
    const dataset = tf.data.array([1, 2, 3]);
    assert.equal(cardinality(dataset), 3);
    assert.equal(cardinality(dataset.repeat()), Number.POSITIVE_INFINITY);
    assert.equal(cardinality(dataset.filter(() => true)), undefined);
  });
});

describe("cache", () => {
  /** Counts how often its elements are made. */
  function counted() {
    const made = { count: 0 };
    const dataset = tf.data.array([1, 2, 3, 4]).map((value) => {
      made.count++;
      return { xs: tf.fill([2], value), ys: value };
    });
    return { dataset: cache(dataset), made };
  }

  async function read(dataset: ReturnType<typeof counted>["dataset"]): Promise<unknown[]> {
    const values: unknown[] = [];
    await dataset.forEachAsync((element) => {
      values.push([...element.xs.dataSync(), element.ys]);
      tf.dispose(element);
    });
    return values;
  }

  it("makes each element once", () =>
    withoutLeak(async () => {
      const { dataset, made } = counted();
      const first = await read(dataset);
      assert.deepEqual(await read(dataset), first);
      assert.deepEqual(first[3], [4, 4, 4]);
      assert.equal(made.count, 4);
      assert.equal(cardinality(dataset), 4);
    }));

  it("is not changed by who writes to an element's numbers", () =>
    withoutLeak(async () => {
      const { dataset } = counted();
      const first = await read(dataset);
      await dataset.forEachAsync((element) => {
        element.xs.dataSync().fill(-1);
        tf.dispose(element);
      });
      assert.deepEqual(await read(dataset), first);
    }));

  it("starts again after a pass that stopped early", () =>
    withoutLeak(async () => {
      const { dataset, made } = counted();
      await shapes(dataset, { count: 2 });
      assert.equal((await read(dataset)).length, 4);
      await read(dataset);
      assert.equal(made.count, 2 + 4);
    }));
});
