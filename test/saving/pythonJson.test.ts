import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../../lib/json";
import { parsePythonJson, withFloats, writePythonJson } from "../../lib/saving/pythonJson";

test("a float stays one, and strings stay as they are", () => {
  const text = '{"a":[2.0,2,-0.0,1000.0,0.5],"2.0":"2.0 and \\" NaN","b":{"c":-1e+20}}';
  const read = parsePythonJson(text) as Json;
  assert.deepEqual(read, {
    a: [2, 2, -0, 1000, 0.5],
    "2.0": '2.0 and " NaN',
    b: { c: -1e20 },
  });
  assert.equal(writePythonJson(withFloats(read)), text);
});

test("a float that no one asks for is a number like any other", () => {
  assert.equal(writePythonJson(parsePythonJson("[2.0]")), "[2]");
});

test("what JSON has no words for is read and written as Python does", () => {
  const text = '[NaN,Infinity,-Infinity,"NaN"]';
  const read = parsePythonJson(text);
  assert.deepEqual(read, [NaN, Infinity, -Infinity, "NaN"]);
  assert.equal(writePythonJson(read), text);
});

test("what is no JSON isn't made one", () => {
  for (const text of ["{2.0: 1}", "{NaN: 1}", "[01.0]", "[1.]", "[+Infinity]", "[Infinit]", '["']) {
    assert.throws(() => parsePythonJson(text), SyntaxError, text);
  }
});
