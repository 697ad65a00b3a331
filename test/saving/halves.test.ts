import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBfloat16, fromFloat16 } from "../../lib/saving/halves";

test("half floats have the values that IEEE 754 gives their bits, the smallest and the endless too", () => {
  const bits = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x3555, 0x7c00, 0xfc00, 0x7e00];
  const values = [1, -2, 65504, 2 ** -14, 2 ** -24, -0, 0.333251953125, Infinity, -Infinity, NaN];
  assert.deepEqual([...fromFloat16(Uint16Array.from(bits))], values);
});

test("bfloat16 numbers are float32's upper halves", () => {
  const bits = [0x3f80, 0xc000, 0x0001, 0x8000, 0x3eab, 0x7f80, 0xff80, 0x7fc0];
  const values = [1, -2, 2 ** -133, -0, 0.333984375, Infinity, -Infinity, NaN];
  assert.deepEqual([...fromBfloat16(Uint16Array.from(bits))], values);
});
