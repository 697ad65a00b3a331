import assert from "node:assert/strict";
import { test } from "node:test";
import { flopsOf } from "../../scripts/bench/flops";
import { byKind, profileTable, rowsOf, usedOf } from "../../scripts/bench/profile";

const keras = {
  label: "Keras",
  msPerUnit: 3,
  ops: {
    Conv2D: { calls: 1, ms: 2, flops: 0 },
    MatMul: { calls: 2, ms: 0.5, flops: 0 },
    Const: { calls: 9, ms: 0.01, flops: 0 },
  },
};
const ours = {
  label: "convnets",
  msPerUnit: 1.5,
  ops: byKind({
    _MklNativeConv2D: { calls: 1, ms: 0.75, flops: 3e6 },
    _MklMatMul: { calls: 1, ms: 0.5, flops: 2e6 },
    MatMul: { calls: 1, ms: 0.25, flops: 1e6 },
    _FusedConv2D: { calls: 1, ms: 0.125, flops: 0 },
  }),
};

test("byKind() adds up what computes the same, and keeps what was fused apart", () => {
  assert.deepEqual(ours.ops, {
    Conv2D: { calls: 1, ms: 0.75, flops: 3e6 },
    MatMul: { calls: 2, ms: 0.75, flops: 3e6 },
    FusedConv2D: { calls: 1, ms: 0.125, flops: 0 },
  });
});

test("a profile lists ops by the longest of all sides, and sums up the short ones", () => {
  const rows = rowsOf([keras, ours]);
  assert.deepEqual(rows, ["Conv2D", "MatMul", "FusedConv2D"]);
  const lines = profileTable("tiny", [keras, ours], rows).split("\n");
  const cells = lines.map((line) => line.trim().replace(/ {2,}/g, " | "));
  assert.deepEqual(cells.slice(0, -1), [
    "tiny",
    "Keras | convnets",
    "Conv2D | 2.000 ms | 1.0 × | 0.750 ms | 1.0 ×",
    "MatMul | 0.500 ms | 2.0 × | 0.750 ms | 2.0 ×",
    "FusedConv2D | 0.125 ms | 1.0 ×",
    "others | 0.010 ms | 0.000 ms",
    "all ops | 2.510 ms | 1.625 ms",
    "clock | 3.000 ms | 1.500 ms",
  ]);
});

test("a step's operations are put beside what the processor can do, for both sides", () => {
  // 6 million in 3 and in 1.5 ms, where 20 · 10⁹ a second are possible.
  assert.match(
    usedOf(20, [keras, ours]),
    /Keras 2\.0 a second, 10 % .*convnets 4\.0 a second, 20 %/,
  );
});

test("flopsOf() counts products and sums by the shapes that a node took and gave", () => {
  const node = (op: string, shape: number[], ...inputs: number[][]) =>
    flopsOf({ node: op, op, device: "", ms: 1, shape, inputs });
  const [images, filter, maps] = [
    [8, 12, 12, 3],
    [3, 3, 3, 16],
    [8, 10, 10, 16],
  ];
  const convolution = 2 * 27 * 8 * 100 * 16; // 27 products and sums for each value
  assert.equal(node("_MklNativeFusedConv2D", maps, images, filter, [16]), convolution);
  assert.equal(node("Conv2DBackpropInput", images, [4], filter, maps), convolution);
  assert.equal(node("_MklNativeConv2DBackpropFilter", filter, images, [4], maps), convolution);
  assert.equal(node("ConvnetsConvPoolAvx2", [8, 5, 5, 16], images, filter, [16]), convolution);
  assert.equal(node("ConvnetsConvolve", maps, images, [16 * 28]), convolution);
  assert.equal(node("ConvnetsConvolve", [8, 10, 10, 9], images, [16 * 28]), 2 * 27 * 800 * 9);
  const each = node("ConvnetsConvolveDepthwise", [8, 10, 10, 8], [8, 12, 12, 8], [3, 3, 8, 1], [8]);
  assert.equal(each, 2 * 9 * 6400);
  assert.equal(node("MatMul", [8, 10], [8, 32], [32, 10]), 2 * 8 * 32 * 10);
  assert.equal(node("_MklBatchMatMulV2", [1, 32, 10], [1, 8, 32], [1, 8, 10]), 2 * 8 * 32 * 10);
  assert.equal(node("DepthwiseConv2dNative", [8, 10, 10, 3], images, [3, 3, 3, 1]), 2 * 9 * 2400);
  assert.equal(node("Relu", maps, maps), 0);
  assert.equal(node("MatMul", [8, 10], [], [32, 10]), 0, "a shape that isn't known");
});
