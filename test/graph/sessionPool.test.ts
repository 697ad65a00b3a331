import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { GraphBuilder, poolGraph } from "../../lib/graph";
import { DType } from "../../lib/tfjs";

/** A graph with one variable; another `start` makes another graph. */
function counting(start: number) {
  const graph = new GraphBuilder();
  const counter = graph.variable("counter", DType.float32, []);
  const assign = graph.assign(counter, graph.float32(start));
  return { graph, counter, assign };
}

async function idle(): Promise<void> {
  await delay(500); // freeing the variables takes one run
}

test("the same graph gets the same session again, without its old values", async () => {
  const first = counting(1);
  const one = await (await poolGraph(first.graph)).open();
  await one.session.run({}, { targets: [first.assign] });
  one.release();
  await idle();
  const second = counting(1);
  const two = await (await poolGraph(second.graph)).open();
  assert.equal(two.session, one.session);
  await assert.rejects(two.session.run({}, { fetches: [second.counter.read] }), /counter/);
  await two.session.run({}, { targets: [second.assign] });
  const [value] = await two.session.run({}, { fetches: [second.counter.read] });
  assert.equal((value!.data as Float32Array)[0], 1);
  two.release();
});

test("a session in use is not given to a second graph, nor one of another graph", async () => {
  const one = await (await poolGraph(counting(2).graph)).open();
  const two = await (await poolGraph(counting(2).graph)).open();
  const other = await (await poolGraph(counting(3).graph)).open();
  assert.notEqual(one.session, two.session);
  assert.notEqual(one.session, other.session);
  for (const pooled of [one, two, other]) pooled.release();
});

test("at most four idle sessions are kept", async () => {
  const opened = await Promise.all(
    [11, 12, 13, 14, 15].map(async (start) => (await poolGraph(counting(start).graph)).open()),
  );
  for (const pooled of opened) {
    pooled.release();
    await idle();
  }
  const again = await (await poolGraph(counting(11).graph)).open();
  assert.notEqual(again.session, opened[0]!.session);
  const last = await (await poolGraph(counting(15).graph)).open();
  assert.equal(last.session, opened[4]!.session);
  again.release();
  last.release();
});

test("the same graph gets another session where another part of it is to run in parallel", async () => {
  const one = await (await poolGraph(counting(21).graph, { parallel: "nothing" })).open();
  one.release();
  await idle();
  const other = await (await poolGraph(counting(21).graph, { parallel: "nodes" })).open();
  const same = await (await poolGraph(counting(21).graph, { parallel: "nothing" })).open();
  assert.notEqual(other.session, one.session);
  assert.equal(same.session, one.session);
  other.release();
  same.release();
});
