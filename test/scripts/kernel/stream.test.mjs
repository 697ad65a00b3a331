// @ts-check
/** When the kernel sends what a cell writes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Stream } from "../../../scripts/kernel/stream.mjs";

/** A stream, and the texts that it has sent. */
function streamed() {
  /** @type {string[]} */
  const sent = [];
  return { sent, stream: new Stream((_, text) => sent.push(text)) };
}

test("lines before a long computation are sent before it, also between other messages", () => {
  const { sent, stream } = streamed();
  for (const text of ["one", "two", "three"]) {
    stream.write("stdout", text);
    stream.flush(); // as another message is sent
  }
  assert.deepEqual(sent, ["one", "two", "three"]);
});

test("a burst of thousands of lines is few messages, and nothing is lost", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1000 });
  const { sent, stream } = streamed();
  for (let i = 0; i < 5000; i++) stream.write("stdout", "x");
  assert.ok(sent.length <= 20);
  t.mock.timers.tick(50);
  assert.equal(sent.length, 21);
  assert.equal(sent.join("").length, 5000);
  t.mock.timers.tick(50);
  stream.write("stdout", "after a pause");
  assert.equal(sent.at(-1), "after a pause");
});

test("after a cell's end, its texts are sent at once", () => {
  const { sent, stream } = streamed();
  for (let i = 0; i < 100; i++) stream.write("stdout", "x");
  stream.close();
  assert.equal(sent.join("").length, 100);
  for (let i = 0; i < 100; i++) stream.write("stdout", String(i));
  assert.deepEqual(sent.slice(-100), Object.keys([...Array(100)]));
});
