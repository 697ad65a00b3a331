import assert from "node:assert/strict";
import { test } from "node:test";
import { byKind, profileTable, rowsOf } from "../../scripts/bench/profile";

const keras = {
  label: "Keras",
  msPerUnit: 3,
  ops: {
    Conv2D: { calls: 1, ms: 2 },
    MatMul: { calls: 2, ms: 0.5 },
    Const: { calls: 9, ms: 0.01 },
  },
};
const ours = {
  label: "convnets",
  msPerUnit: 1.5,
  ops: byKind({
    _MklNativeConv2D: { calls: 1, ms: 0.75 },
    _MklMatMul: { calls: 1, ms: 0.5 },
    MatMul: { calls: 1, ms: 0.25 },
    _FusedConv2D: { calls: 1, ms: 0.125 },
  }),
};

test("byKind() adds up what computes the same, and keeps what was fused apart", () => {
  assert.deepEqual(ours.ops, {
    Conv2D: { calls: 1, ms: 0.75 },
    MatMul: { calls: 2, ms: 0.75 },
    FusedConv2D: { calls: 1, ms: 0.125 },
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
