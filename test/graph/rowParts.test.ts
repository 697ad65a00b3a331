/** What is frozen sees the batch in parts, and gives what it gives for the whole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { batchForParts, computeInParts, GraphBuilder, type Output, Session } from "../../lib/graph";
import { DType } from "../../lib/tfjs";

const T = { T: { type: DType.float32 } };
const dtypes = [DType.float32];
const NHWC = { data_format: { string: "NHWC" } };
const windows = { padding: { string: "SAME" }, ...NHWC };
const halving = { ksize: { ints: [1, 2, 2, 1] }, strides: { ints: [1, 2, 2, 1] }, ...windows };
const wide = [-1, 8, 8, 3];
const small = [-1, 4, 4, 3];

const add = (graph: GraphBuilder, op: string, inputs: Output[], more: object = {}, shape = wide) =>
  graph.op(op, inputs, { attrs: { ...T, ...more }, shapes: [shape], dtypes });

/** A residual block, pooled: of its values only the last leaves it. Returns input, block's end, result. */
function block(graph: GraphBuilder): { inside: Output; exit: Output; result: Output } {
  const x = graph.placeholder("x", DType.float32, wide);
  const filter = graph.constant({
    dtype: DType.float32,
    shape: [3, 3, 3, 3],
    values: Float32Array.from({ length: 81 }, (_, i) => ((i * 37) % 11) / 10 - 0.5),
  });
  const strides = { strides: { ints: [1, 1, 1, 1] }, ...windows };
  const conv = add(graph, "Conv2D", [x, filter], strides);
  const bias = add(graph, "BiasAdd", [conv, graph.float32([0.5, -0.25, 0.125])], NHWC);
  const inside = add(graph, "Relu", [bias]);
  const sum = add(graph, "AddV2", [inside, x]);
  const scaled = add(graph, "Mul", [sum, graph.float32(2)]);
  const exit = add(graph, "MaxPool", [scaled], halving, small);
  return { inside, exit, result: add(graph, "Softsign", [exit], {}, small) };
}

/** As many bytes as a wide value of 16 rows has. */
const wideBytes = 8 * 8 * 3 * 4 * 16;

/** Rewrites a graph; returns from which batch size on that pays. */
function inParts(graph: GraphBuilder, { batchSize = 16, fromBytes = wideBytes } = {}) {
  const from = batchForParts(graph, { parts: 4, fromBytes });
  computeInParts(graph, { parts: 4, fromBytes, batchSize });
  return from;
}
const copiesIn = (graph: GraphBuilder) =>
  graph.nodes.filter(({ name }) => name.includes("/part_")).length;

async function valuesAt(rows: number, pass: (graph: GraphBuilder) => void): Promise<number[]> {
  const graph = new GraphBuilder();
  const { result } = block(graph);
  pass(graph);
  const session = await Session.open(graph);
  const length = rows * 8 * 8 * 3;
  const data = Float32Array.from({ length }, (_, i) => ((i * 7919) % 1009) / 500 - 1);
  const x = { dtype: DType.float32, shape: [rows, 8, 8, 3], data };
  const [found] = await session.run({ x }, { fetches: [result] });
  session.close();
  assert.deepEqual(found!.shape, [rows, 4, 4, 3]);
  return Array.from(found!.data as Float32Array);
}

for (const rows of [8, 11, 16, 17]) {
  test(`a block of ${rows} rows in four parts is the block of the whole batch`, async () => {
    const whole = await valuesAt(rows, () => {});
    const parts = await valuesAt(rows, (graph) => assert.equal(inParts(graph), 16));
    assert.equal(parts.length, whole.length);
    for (const [i, value] of parts.entries()) assert.ok(Math.abs(value - whole[i]!) < 1e-6);
  });
}

test("all nodes of the block are there four times, each part behind the one before", () => {
  const graph = new GraphBuilder();
  const { exit, inside } = block(graph);
  assert.equal(inParts(graph), 16);
  assert.equal(copiesIn(graph), 4 * 6);
  assert.equal(graph.node(exit).op, "ConcatV2");
  assert.throws(() => graph.node(inside), /no node/);
  const starts = graph.nodes.filter(({ name }) => /^(Conv2D|AddV2)\/part_[1-3]$/.test(name));
  assert.equal(starts.length, 6);
  for (const { name, control } of starts)
    assert.deepEqual(control, [`${exit}/part_${Number(name.at(-1)) - 1}`]);
});

test("what a gradient asks for again stays whole, and so does what lies before it", () => {
  const graph = new GraphBuilder();
  const { inside } = block(graph);
  add(graph, "ReluGrad", [inside, inside]);
  assert.equal(inParts(graph), undefined);
  assert.equal(copiesIn(graph), 0);
});

test("small batches, and blocks that end in something large, stay whole", () => {
  for (const bounds of [{ batchSize: 15 }, { fromBytes: 1 }]) {
    const graph = new GraphBuilder();
    block(graph);
    inParts(graph, bounds);
    assert.equal(copiesIn(graph), 0);
  }
});

test("it pays from the batch on whose values are large, and never below two rows a part", () => {
  const graph = new GraphBuilder();
  const relu = add(graph, "Relu", [graph.placeholder("x", DType.float32, wide)]);
  const tiny = [-1, 1, 1, 3];
  add(graph, "Softsign", [add(graph, "MaxPool", [relu], {}, tiny)], {}, tiny);
  const from = (fromBytes: number) => batchForParts(graph, { parts: 4, fromBytes });
  assert.deepEqual([wideBytes, wideBytes + 1, wideBytes / 4].map(from), [16, 17, 8]);
  assert.equal(from(8), undefined, "what comes out would be as large as what is spared");
});

test("values are taken from nodes that were made later, as a pass adds them", () => {
  const graph = new GraphBuilder();
  const x = graph.placeholder("x", DType.float32, wide);
  const relu = add(graph, "Relu", [x]);
  const sum = add(graph, "AddV2", [relu, relu]);
  add(graph, "Softsign", [add(graph, "MaxPool", [sum], halving, small)], {}, small);
  const late = add(graph, "Neg", [relu]);
  graph.node(sum).inputs = [relu, late];
  inParts(graph);
  for (const { name, inputs } of graph.nodes)
    for (const input of inputs) assert.doesNotThrow(() => graph.node(input), name);
  assert.equal(copiesIn(graph), 16);
});

test("a value that mixes rows is where parts begin", () => {
  const graph = new GraphBuilder();
  const x = graph.placeholder("x", DType.float32, wide);
  const mixed = add(graph, "Softmax", [x]);
  const relu = add(graph, "Relu", [mixed]);
  add(graph, "Softsign", [add(graph, "MaxPool", [relu], halving, small)], {}, small);
  assert.equal(inParts(graph), 16);
  assert.equal(graph.node(mixed).op, "Softmax");
  assert.equal(copiesIn(graph), 8);
});

test("a constant as long as the batch is not shared by its parts", () => {
  const graph = new GraphBuilder();
  const x = graph.placeholder("x", DType.float32, wide);
  const rows = graph.placeholder("rows", DType.float32, [16, 8, 8, 3]);
  const sum = add(graph, "AddV2", [x, rows]);
  add(graph, "Softsign", [add(graph, "MaxPool", [sum], halving, small)], {}, small);
  inParts(graph);
  assert.equal(graph.nodes.filter(({ name }) => name.startsWith("AddV2/part_")).length, 0);
});
