import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder, recordRuns, Session } from "../../lib/graph";
import { DType } from "../../lib/tfjs";

const FLOAT = { T: { type: DType.float32 } };

/** Sessions whose runs differ: a product of matrices, and a sum. */
async function sessions(parallel?: "nothing") {
  const graph = new GraphBuilder();
  const x = graph.placeholder("x", DType.float32, [64, 64]);
  const product = graph.op("MatMul", [x, x], { attrs: FLOAT });
  const sum = graph.op("Add", [x, x], { attrs: FLOAT });
  const session = await Session.open(graph, { parallel });
  const feed = { x: { dtype: DType.float32, shape: [64, 64], data: new Float32Array(64 * 64) } };
  return {
    multiply: () => session.run(feed, { fetches: [product] }),
    add: () => session.run(feed, { fetches: [sum] }),
    close: () => session.close(),
  };
}

for (const parallel of [undefined, "nothing"] as const) {
  test(`recordRuns() lists the nodes of each run, with parallel: ${parallel}`, async () => {
    const { multiply, add, close } = await sessions(parallel);
    await multiply();
    const runs = await recordRuns(async () => {
      await multiply();
      await add();
    });
    await add();
    close();
    assert.equal(runs.length, 2); // neither what ran before nor what ran after
    const [product, sum] = runs.map((nodes) => nodes.find(({ op }) => /MatMul|^Add$/.test(op)));
    assert.match(product!.op, /MatMul$/); // oneDNN's has a name of its own
    assert.deepEqual([sum!.op, sum!.node], ["Add", "Add"]);
    assert.deepEqual([product!.shape, ...product!.inputs], Array(3).fill([64, 64]));
    for (const { ms } of runs.flat()) assert.ok(ms >= 0 && ms < 10_000, `${ms} ms`);
    assert.ok(product!.ms > 0);
  });
}

test("recordRuns() gives the error of the work, and records nothing from then on", async () => {
  const { multiply, add, close } = await sessions();
  const failing = recordRuns(async () => {
    await multiply();
    throw new Error("the work's own");
  });
  await assert.rejects(failing, /the work's own/);
  await multiply();
  const runs = await recordRuns(add);
  close();
  assert.equal(runs.length, 1);
});
