import assert from "node:assert/strict";
import { test } from "node:test";
import { describeValue, invalidArgument, rejectUnknownOptions } from "../lib/errors";

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

test("rejectUnknownOptions() refuses a name that the function does not know", () => {
  assert.throws(
    () => rejectUnknownOptions({ batchsize: 3 }, ["batchSize", "epochs"], "fit()"),
    /fit\(\) has no option `batchsize`\. Allowed: batchSize, epochs\. Received: batchsize=3/,
  );
});

test("describeValue() shows a tensor by dtype and shape and shortens long values", () => {
  assert.equal(describeValue({ dtype: "float32", shape: [2, 3] }), "Tensor(float32, [2, 3])");
  assert.equal(describeValue("x".repeat(500)).length, 120);
});
