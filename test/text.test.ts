import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBar, formatBytes, formatDuration } from "../lib/text";

test("formatBytes() gives three figures and powers of 1000", () => {
  const texts = [0, 999, 1000, 1240, 12_400, 999_499, 999_500, 852e6, 1.24e9, 3e18];
  assert.deepEqual(
    texts.map((bytes) => formatBytes(bytes)),
    [
      ...["0 B", "999 B", "1.00 kB", "1.24 kB", "12.4 kB", "999 kB", "1.00 MB"],
      ...["852 MB", "1.24 GB", "3000 PB"],
    ],
  );
});

test("formatBytes() gives Keras' powers of 1024 for memory", () => {
  const texts = [0, 72, 1023, 1024, 416_808, 2_848_808, 553_430_112];
  assert.deepEqual(
    texts.map((bytes) => formatBytes(bytes, { style: "binary" })),
    ["0.00 B", "72.00 B", "1023.00 B", "1.00 KB", "407.04 KB", "2.72 MB", "527.79 MB"],
  );
});

test("formatDuration() needs two units at most, and tenths only where they are asked for", () => {
  assert.deepEqual(
    [-1, 0.4, 48, 59.6, 200, 3599.4, 3599.6, 7500].map((seconds) => formatDuration(seconds)),
    ["0 s", "0 s", "48 s", "1 min 00 s", "3 min 20 s", "59 min 59 s", "1 h 00 min", "2 h 05 min"],
  );
  assert.deepEqual(
    [0.44, 9.94, 9.96, 12.3, 185].map((seconds) => formatDuration(seconds, { tenths: true })),
    ["0.4 s", "9.9 s", "10 s", "12 s", "3 min 05 s"],
  );
});

test("formatBar() is full only when everything is done", () => {
  assert.equal(formatBar(0, 4), "────");
  assert.equal(formatBar(0.74, 4), "━━──");
  assert.equal(formatBar(0.999, 4), "━━━─");
  assert.equal(formatBar(1.5, 4), "━━━━");
  assert.equal(formatBar(0.5).length, 20);
});
