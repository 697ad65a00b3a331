import assert from "node:assert/strict";
import { test } from "node:test";
import { functionalOf } from "../../lib/tfjs";
import { ArraySource, DatasetSource, readArrays } from "../../lib/training/batches";
import { classifier, pointBatches, points, tensorCount } from "./models";

async function sourceOf(options: { shuffle: boolean }): Promise<ArraySource> {
  const [x] = points(6);
  const arrays = await readArrays(functionalOf(classifier()), undefined, { x });
  x.dispose();
  return new ArraySource(arrays, { batchSize: 2, ...options });
}

test("batches in order are views of the data, which nobody needs to give back", async () => {
  const pass = await (await sourceOf({ shuffle: false })).open();
  const [first, second] = [await pass.next(), await pass.next()];
  assert.equal(first!.xs[0]!.data.buffer, second!.xs[0]!.data.buffer);
  assert.equal(first!.release, undefined);
});

test("shuffled batches take the memory of those that were released, and no other's", async () => {
  const pass = await (await sourceOf({ shuffle: true })).open();
  const [first, second] = [await pass.next(), await pass.next()];
  const memory = first!.xs[0]!.data.buffer;
  assert.notEqual(second!.xs[0]!.data.buffer, memory);
  first!.release!();
  const third = await pass.next();
  assert.equal(third!.xs[0]!.data.buffer, memory);
  assert.equal(await pass.next(), undefined);
});

test("a dataset's tensors are brought to JavaScript once, and disposed with the batch", async () => {
  const model = classifier();
  const before = tensorCount();
  const source = new DatasetSource(pointBatches(6, 2), {
    model: functionalOf(model),
    label: "data",
  });
  const pass = await source.open();
  const batch = await pass.next();
  assert.ok(batch!.xs[0]!.data instanceof Float32Array);
  assert.deepEqual(batch!.xs[0]!.shape, [2, 2]);
  assert.ok(tensorCount() > before);
  batch!.release!();
  assert.equal(tensorCount(), before);
  await pass.close();
  model.dispose();
});
