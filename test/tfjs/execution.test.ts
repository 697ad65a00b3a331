/** Whether tensors of a model have masks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { hasMask, tf } from "../../lib/tfjs";

test("each tensor is asked for its mask once, however many ways lead to it", () => {
  let asked = 0;
  class Counted extends tf.layers.Layer {
    static className = "Counted";
    override getClassName(): string {
      assert.ok(++asked < 1000, "asked for each way");
      return "Counted";
    }
  }
  let x = tf.input({ shape: [2] });
  for (let i = 0; i < 40; i++) {
    const branch = new Counted({}).apply(x) as SymbolicTensor;
    x = tf.layers.add({}).apply([branch, x]) as SymbolicTensor;
  }
  asked = 0;
  assert.equal(hasMask(x), false);
  assert.ok(asked >= 40);
});
