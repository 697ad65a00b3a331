import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as pause } from "node:timers/promises";
import { GraphBuilder, GraphError, type HostTensor, Session } from "../../lib/graph";
import { Inference } from "../../lib/graph/inference";
import { nativeModule } from "../../lib/native";
import { DType } from "../../lib/tfjs";

const FLOAT = { T: { type: DType.float32 } };

function floats(values: number[], shape = [values.length]): HostTensor {
  return { dtype: DType.float32, shape, data: Float32Array.from(values) };
}

function doubling(): { graph: GraphBuilder; result: string } {
  const graph = new GraphBuilder();
  const x = graph.placeholder("x", DType.float32, [-1]);
  return { graph, result: graph.op("Add", [x, x], { attrs: FLOAT }) };
}

test("a session returns what the graph computes", async () => {
  const { graph, result } = doubling();
  const session = await Session.open(graph);
  const [doubled] = await session.run({ x: floats([1, 2.5]) }, { fetches: [result] });
  assert.deepEqual([...(doubled!.data as Float32Array)], [2, 5]);
  assert.deepEqual(doubled!.shape, [2]);
  session.close();
});

test("a session keeps a variable from run to run, apart from other sessions", async () => {
  const graph = new GraphBuilder();
  const counter = graph.variable("counter", DType.float32, []);
  const start = graph.assign(counter, graph.float32(0));
  const next = graph.op("Add", [counter.read, graph.float32(1)], { attrs: FLOAT });
  const step = graph.assign(counter, next, [counter.read]);
  const value = async (session: Session) =>
    ((await session.run({}, { fetches: [counter.read] }))[0]!.data as Float32Array)[0];
  const [one, two] = [await Session.open(graph), await Session.open(graph)];
  for (const session of [one, two]) await session.run({}, { targets: [start] });
  await one.run({}, { targets: [step] });
  await one.run({}, { targets: [step] });
  assert.equal(await value(one), 2);
  assert.equal(await value(two), 0);
  one.close();
  two.close();
});

test("a session reads strings and returns every numeric dtype", async () => {
  const graph = new GraphBuilder();
  const text = graph.placeholder("text", DType.string, [-1]);
  const number = graph.op("StringToNumber", [text], { attrs: { out_type: { type: DType.int64 } } });
  const flags = graph.constant({ dtype: DType.bool, shape: [2], values: Uint8Array.of(1, 0) });
  const session = await Session.open(graph);
  const long = "0".repeat(100); // longer than TensorFlow keeps inside the string itself
  const [numbers, bools] = await session.run(
    { text: { dtype: DType.string, shape: [2], data: ["12", `${long}7`] } },
    { fetches: [number, flags] },
  );
  assert.deepEqual([...(numbers!.data as BigInt64Array)], [12n, 7n]);
  assert.deepEqual([...(bools!.data as Uint8Array)], [1, 0]);
  session.close();
});

test("a large result arrives whole and can be fed again", async () => {
  const { graph, result } = doubling();
  const session = await Session.open(graph);
  const values = Float32Array.from({ length: 100_000 }, (_, i) => i);
  let x: HostTensor = { dtype: DType.float32, shape: [values.length], data: values };
  for (let i = 0; i < 3; i++)
    [x] = (await session.run({ x }, { fetches: [result] })) as [HostTensor];
  assert.equal((x.data as Float32Array)[99_999], 99_999 * 8);
  session.close();
});

test("a variable keeps the value that was fed to it when the fed array changes or goes", async () => {
  // TensorFlow takes arrays in place where they are aligned as its own are, such as a large result.
  const { graph, result } = doubling();
  const variable = graph.variable("kept", DType.float32, [4096]);
  const feed = graph.placeholder("value", DType.float32, [4096]);
  const assign = graph.assign(variable, feed);
  const session = await Session.open(graph);
  const x: HostTensor = {
    dtype: DType.float32,
    shape: [4096],
    data: new Float32Array(4096).fill(1),
  };
  const [aligned] = await session.run({ x }, { fetches: [result] });
  await session.run({ value: aligned! }, { targets: [assign] });
  (aligned!.data as Float32Array).fill(-1);
  const [value] = await session.run({}, { fetches: [variable.read] });
  assert.ok((value!.data as Float32Array).every((number) => number === 2));
  session.close();
});

test("the event loop turns while a graph runs", async () => {
  const graph = new GraphBuilder();
  const size = 1500;
  const x = graph.placeholder("x", DType.float32, [size, size]);
  let product = x;
  for (let i = 0; i < 4; i++) product = graph.op("MatMul", [product, x], { attrs: FLOAT });
  const session = await Session.open(graph);
  let turns = 0;
  let running = true;
  const turn = () => {
    turns++;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await session.run(
    { x: { dtype: DType.float32, shape: [size, size], data: new Float32Array(size * size) } },
    { fetches: [product] },
  );
  running = false;
  assert.ok(turns > 10, `the loop turned ${turns} times`);
  session.close();
});

test("many runs of one session may be under way at once", async () => {
  const { graph, result } = doubling();
  const session = await Session.open(graph);
  const sums = await Promise.all(
    Array.from({ length: 50 }, (_, i) => session.run({ x: floats([i]) }, { fetches: [result] })),
  );
  assert.deepEqual(
    sums.map(([sum]) => (sum!.data as Float32Array)[0]),
    Array.from({ length: 50 }, (_, i) => 2 * i),
  );
  session.close();
});

test("a run under way ends well when the session is closed", async () => {
  const { graph, result } = doubling();
  const session = await Session.open(graph);
  const pending = session.run({ x: floats([21]) }, { fetches: [result] });
  session.close();
  assert.equal(((await pending)[0]!.data as Float32Array)[0], 42);
  await assert.rejects(session.run({}), /The session is closed/);
});

test("errors name what is wrong: an unknown feed, a wrong size, a failing kernel, a bad graph", async () => {
  const { graph, result } = doubling();
  const session = await Session.open(graph);
  await assert.rejects(
    session.run({ y: floats([1]) }, { fetches: [result] }),
    /The graph failed: the graph has no input y/,
  );
  await assert.rejects(
    session.run({ x: floats([1, 2], [3]) }, { fetches: [result] }),
    /x: the data does not fill the shape/,
  );
  await assert.rejects(session.run({}, { fetches: [result] }), GraphError);
  session.close();
  const bad = new GraphBuilder();
  bad.op("NoSuchOp", []);
  await assert.rejects(Session.open(bad), /TensorFlow refused the graph: .*NoSuchOp/);
});

test("a prepared call runs again and again, on as many rows as it is given", async () => {
  const graph = new GraphBuilder();
  const x = graph.placeholder("x", DType.float32, [-1, 2]);
  const doubled = graph.op("Add", [x, x], { attrs: FLOAT });
  const session = await Session.open(graph);
  const call = session.prepare([{ name: x, dtype: DType.float32, shape: [-1, 2] }], {
    fetches: [doubled],
  });
  for (const values of [
    [1, 2],
    [1, 2, 3, 4],
  ]) {
    const [result] = await call.run([Float32Array.from(values)]);
    assert.deepEqual(
      [...(result!.data as Float32Array)],
      values.map((value) => 2 * value),
    );
    assert.deepEqual(result!.shape, [values.length / 2, 2]);
  }
  await assert.rejects(call.run([new Float32Array(3)]), /x: the data does not fill the shape/);
  session.close();
  await assert.rejects(call.run([new Float32Array(2)]), /the session is closed/);
});

test("a graph computes the same whatever runs in parallel, and other sessions keep their threads", async () => {
  const size = 300;
  const graph = new GraphBuilder();
  const x = graph.placeholder("x", DType.float32, [size, size]);
  const product = graph.op("MatMul", [x, x], { attrs: FLOAT });
  const sum = graph.op("Add", [product, graph.op("MatMul", [product, x], { attrs: FLOAT })], {
    attrs: FLOAT,
  });
  const data = Float32Array.from({ length: size * size }, (_, i) => ((i * 7) % 11) - 5);
  const results: number[][] = [];
  for (const parallel of ["nodes", "parts", "nothing", "nodes"] as const) {
    const session = await Session.open(graph, { parallel });
    const [result] = await session.run(
      { x: { dtype: DType.float32, shape: [size, size], data } },
      { fetches: [sum] },
    );
    results.push([...(result!.data as Float32Array)]);
    session.close();
  }
  for (const result of results) assert.deepEqual(result, results[0]);
});

test("a result larger than an array can be is an error, and the session goes on", async () => {
  const { graph, result } = doubling();
  const native = nativeModule();
  const session = await native.createSession(graph.toMessage().finish(), 2, 1024);
  const call = native.prepareCall(session, [["x", DType.float32, [-1]]], [result], []);
  await assert.rejects(
    native.run(call, [new Float32Array(257)]),
    /a result has 1028 bytes, more than an array can hold/,
  );
  const [result256] = await native.run(call, [new Float32Array(256)]);
  assert.deepEqual(result256![1], [256]);
  native.closeSession(session);
});

test("runs of one call come one after another, up to the first that fails", async () => {
  const graph = new GraphBuilder();
  const total = graph.variable("total", DType.int32, []);
  const start = graph.assign(total, graph.int32(0));
  const divisor = graph.placeholder("divisor", DType.int32, []);
  const attrs = { T: { type: DType.int32 } };
  const share = graph.op("Div", [graph.int32(12), divisor], { attrs });
  const sum = graph.op("AddV2", [total.read, share], { attrs });
  const add = graph.assign(total, sum, [total.read]);
  const session = await Session.open(graph);
  await session.run({}, { targets: [start] });
  const feed = { name: "divisor", dtype: DType.int32, shape: [] };
  const call = session.prepare([feed], { fetches: [sum], targets: [add] });
  const runs = (divisors: number[]) => call.runEach(divisors.map((each) => [Int32Array.of(each)]));
  const numbers = (results: HostTensor[][]) => results.map(([result]) => Number(result!.data[0]));
  const whole = await runs([1, 2, 3]);
  assert.deepEqual(numbers(whole.results), [12, 18, 22]);
  assert.equal(whole.failure, undefined);
  const cut = await runs([4, 0, 1]);
  assert.deepEqual(numbers(cut.results), [25]);
  assert.ok(cut.failure instanceof GraphError);
  assert.match(cut.failure.message, /division by zero/);
  assert.deepEqual(await runs([]), { results: [], failure: undefined });
  await assert.rejects(call.runEach([[Int32Array.of(1)], [Int32Array.of(1, 2)]]), /fill the shape/);
  assert.deepEqual(numbers((await runs([12])).results), [26]);
  session.close();
  await assert.rejects(runs([1]), /the session is closed/);
});

test("a shape that no tensor has, and a result that no node gives, are refused", async () => {
  const { graph } = doubling();
  const session = await Session.open(graph);
  const feed = (shape: number[]) => [{ name: "x", dtype: DType.float32, shape }];
  for (const shape of [[2 ** 40, 2 ** 40], [-1, 2 ** 40, 2 ** 40], [3, -1], [-2]]) {
    assert.throws(() => session.prepare(feed(shape)), /x: no tensor has this shape/);
  }
  assert.throws(() => session.prepare([], { fetches: ["x:-1"] }), /no output x:-1/);
  assert.throws(() => session.prepare([], { fetches: ["x:1"] }), /no output x:1/);
  session.close();
});

test("a value is as long as its shape says, and of a type that arrays have", async () => {
  const { graph } = doubling();
  const session = await Session.open(graph);
  const resource = 20;
  const call = session.prepare([{ name: "x", dtype: resource, shape: [1] }]);
  await assert.rejects(call.run([new Float32Array(1)]), /arrays of this type can't be fed/);
  session.close();

  const inference = new Inference();
  const short = inference.value(DType.float32, [4], new Float32Array(2));
  assert.throws(() => inference.op("Neg", {}, [short]), /the data does not fill the shape/);
  const large = inference.value(DType.float32, [2 ** 40, 2 ** 40]);
  assert.throws(() => inference.op("Neg", {}, [large]), /no tensor has this shape/);
  const unknown = { ...inference.value(DType.int32, []), number: 7 };
  assert.throws(() => inference.op("Neg", {}, [unknown]), /Neg: an input isn't known/);
  const empty = inference.value(DType.int32, [0], new Int32Array(0));
  assert.deepEqual(inference.op("Neg", {}, [empty]).outputs[0]!.shape, [0]);
  inference.close();
});

test("the event loop turns while a session is opened", async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  const session = await Session.open(doubling().graph);
  assert.ok(turned);
  session.close();
});

test("what a closed session leaves goes back to the system, wherever it lies", async () => {
  const graph = new GraphBuilder();
  for (let i = 0; i < 5000; i++) graph.float32(i);
  const definition = graph.toMessage().finish();
  const small = doubling().graph.toMessage().finish();
  const before = process.memoryUsage.rss();
  const large = await Session.open(definition);
  const after = await Session.open(small); // keeps the heap's end from moving down
  const open = process.memoryUsage.rss();
  large.close();
  const freed = open - process.memoryUsage.rss();
  after.close();
  assert.ok(freed > (open - before) / 2, `${freed} of ${open - before} bytes`);
});

test("sessions that are only dropped are collected, small as they look to the collector", async () => {
  const definition = doubling().graph.toMessage().finish();
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  for (let i = 0; i < 600; i++) {
    registry.register(await Session.open(definition), undefined);
    await pause();
  }
  assert.ok(collected > 100, `${collected} of 600`);
});
