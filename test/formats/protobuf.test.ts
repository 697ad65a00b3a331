import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageWriter, messageFields, messageNumbers } from "../../lib/formats";
import { runPython } from "../support/python";

test("messages are what TensorFlow reads: numbers, text, packed doubles, messages in messages", async () => {
  const histogram = new MessageWriter()
    .double(1, -1.5)
    .double(2, 2 ** 0.5)
    .doubles(6, [0.1, 1e300])
    .doubles(7, []);
  const value = new MessageWriter().bytes(1, "ß/loss").message(5, histogram);
  const number = new MessageWriter().bytes(1, "accuracy").float(2, 0.25);
  const summary = new MessageWriter().message(1, value).message(1, number);
  const event = new MessageWriter()
    .double(1, 12.5)
    .int(2, 2 ** 40)
    .message(5, summary);
  const below = new MessageWriter().int(2, -3);
  const read = await runPython(
    `
import json, sys
from tensorflow.core.util import event_pb2
event = event_pb2.Event.FromString(bytes.fromhex(sys.argv[1]))
first, second = event.summary.value
print(json.dumps([
  event.wall_time, event.step, first.tag, first.histo.min, first.histo.max,
  list(first.histo.bucket_limit), list(first.histo.bucket), second.tag, second.simple_value,
  event_pb2.Event.FromString(bytes.fromhex(sys.argv[2])).step,
]))`,
    [event.finish().toString("hex"), below.finish().toString("hex")],
  );
  assert.deepEqual(JSON.parse(read), [
    12.5,
    2 ** 40,
    "ß/loss",
    -1.5,
    2 ** 0.5,
    [0.1, 1e300],
    [],
    "accuracy",
    0.25,
    -3,
  ]);
});

test("numbers of any number of digits and texts of any length stay what they are", async () => {
  const numbers = [0, 127, 128, 16383, 16384, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53];
  const lengths = [0, 1, 50, 51, 63, 64, 65, 511, 512, 513, 5000];
  const shape = new MessageWriter();
  for (const number of numbers) shape.message(2, new MessageWriter().int(1, number));
  for (const length of lengths) shape.message(2, new MessageWriter().bytes(2, "ü".repeat(length)));
  for (let i = 0; i < 500; i++) shape.message(2, new MessageWriter().int(1, i).bytes(2, `n${i}`));
  const read = await runPython(
    `
import json, sys
from tensorflow.core.framework import tensor_shape_pb2
shape = tensor_shape_pb2.TensorShapeProto.FromString(bytes.fromhex(sys.argv[1]))
print(json.dumps([[dim.size, dim.name] for dim in shape.dim]))`,
    [shape.finish().toString("hex")],
  );
  assert.deepEqual(JSON.parse(read), [
    ...numbers.map((number) => [number, ""]),
    ...lengths.map((length) => [0, "ü".repeat(length)]),
    ...Array.from({ length: 500 }, (_, i) => [i, `n${i}`]),
  ]);
});

test("one message holds any number of texts and numbers", () => {
  const message = new MessageWriter();
  const texts = Array.from({ length: 600 }, (_, i) => "ab".repeat(i));
  for (const [i, text] of texts.entries()) message.bytes(1, text).float(2, i).double(3, i);
  const read = [...messageFields(message.finish())];
  assert.deepEqual(
    read.map(({ bytes }) => Buffer.from(bytes).toString()),
    texts,
  );
});

test("the fields of a message are found again, those of other kinds are passed over", () => {
  const inner = new MessageWriter().int(1, 300);
  const message = new MessageWriter()
    .int(1, -1)
    .float(2, 1)
    .double(3, 1)
    .bytes(4, "text")
    .message(300, inner)
    .finish();
  assert.deepEqual(
    [...messageFields(message)].map(({ field, bytes }) => [field, Buffer.from(bytes)]),
    [
      [4, Buffer.from("text")],
      [300, inner.finish()],
    ],
  );
  assert.deepEqual([...messageNumbers(inner.finish())], [[1, 300]]);
});

test("the numbers of a message are found by field, the last of each, up to 2⁵³", () => {
  const message = new MessageWriter()
    .int(1, 7)
    .float(2, 1)
    .bytes(3, "text")
    .int(1, Number.MAX_SAFE_INTEGER)
    .int(16, 0)
    .finish();
  assert.deepEqual(
    [...messageNumbers(message)],
    [
      [1, Number.MAX_SAFE_INTEGER],
      [16, 0],
    ],
  );
});
