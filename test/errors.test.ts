import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConvnetsError, describeValue, invalidArgument } from "../lib/errors";

test("invalidArgument() names the argument, what is allowed and what was received", () => {
  const error = invalidArgument("imageSize", {
    expected: "two positive integers",
    received: [180],
  });
  assert.equal(
    error.message,
    "`imageSize` must be two positive integers. Received: imageSize=[180]",
  );
});

test("describeValue() shows a tensor by dtype and shape and shortens long values", () => {
  assert.equal(describeValue({ dtype: "float32", shape: [2, 3] }), "Tensor(float32, [2, 3])");
  assert.equal(describeValue("x".repeat(500)).length, 120);
});

test("an error prints name, message, hint and cause, and of its stack only the caller's frames", () => {
  const error = new ConvnetsError("It failed.", {
    hint: "Try again.",
    cause: new Error("no disk"),
  });
  const [first, second, third, ...frames] = inspect(error).split("\n");
  assert.deepEqual(
    [first, second, third],
    ["ConvnetsError: It failed.", "Try again.", "Cause: Error: no disk"],
  );
  assert.equal(frames.length, 1);
  assert.match(frames[0]!, /errors\.test/);
});

test("describeValue() tells NaN and infinity from null, in lists and objects too", () => {
  assert.equal(describeValue(Number.NaN), "NaN");
  assert.equal(
    describeValue([null, Number.NaN, -Infinity, "@NaN "]),
    '[null,NaN,-Infinity,"@NaN "]',
  );
  assert.equal(describeValue({ seed: Infinity }), '{"seed":Infinity}');
  assert.equal(describeValue(Symbol("x")), "Symbol(x)");
});
