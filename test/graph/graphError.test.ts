import assert from "node:assert/strict";
import { test } from "node:test";
import { graphError } from "../../lib/graph/graphError";

test("a graph's error is TensorFlow's first line; all of it is the cause", () => {
  const cause = new Error("Could not find variable b.\n\t [[{{node b/read}}]]");
  const error = graphError("The graph failed", cause);
  assert.equal(error.message, "The graph failed: Could not find variable b.");
  assert.equal(error.cause, cause);
});

test("of several errors the first is told, not their number", () => {
  const cause = new Error(
    [
      "2 root error(s) found.",
      "  (0) NOT_FOUND: Could not find variable b.",
      "\t [[{{node b/read}}]]",
      "\t [[b/read/_3]]",
      "  (1) NOT_FOUND: Could not find variable b.",
      "0 successful operations.",
    ].join("\n"),
  );
  const { message } = graphError("The graph failed", cause);
  assert.equal(message, "The graph failed: NOT_FOUND: Could not find variable b.");
});
