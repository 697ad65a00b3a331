/** What calls and functions of layers refuse: one sentence for each. */
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { layers, predict, tf } from "../../lib/index";
import { leavesNoTensors } from "../support/tensors";

describe("a call", () => {
  it("of attention takes masks of query and value as a list, in numbers as in a model", async () => {
    const before = tf.memory().numTensors;
    const x = tf.randomUniform([2, 3, 4], -1, 1, "float32", 5);
    const seen = tf.tensor([1, 0, 1, 1, 1, 0], [2, 3], "bool");
    const layer = layers.attention();
    const output = layer.apply([x, x], { mask: [seen, seen] } as never) as tf.Tensor;
    const isSeen = tf.tidy(() => tf.any(tf.notEqual(output, 0), -1).dataSync());
    assert.deepEqual([...isSeen], [1, 0, 1, 1, 1, 0]);
    const [input, mask] = [tf.input({ shape: [3, 4] }), tf.input({ shape: [3], dtype: "bool" })];
    const made = layer.apply([input, input], { mask: [mask, mask] } as never);
    const model = tf.model({ inputs: [input, mask], outputs: made as tf.SymbolicTensor });
    const again = await predict(model, [x, seen], { verbose: 0 });
    const apart = tf.tidy(() => tf.max(tf.abs(tf.sub(again, output))).dataSync()[0]!);
    assert.ok(apart < 1e-6);
    tf.dispose([x, seen, output, again]);
    model.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it("of attention refuses a mask that is no list, and a mask that Keras doesn't look at", () => {
    tf.tidy(() => {
      const x = tf.ones([1, 2, 4]);
      const mask = tf.ones([1, 2], "bool");
      assert.throws(
        () => layers.attention().apply([x, x], { mask } as never),
        /`mask` must be \[query's mask, value's mask\]/,
      );
      const heads = layers.multiHeadAttention({ numHeads: 1, keyDim: 2 });
      assert.throws(
        () => heads.apply([x, x], { queryMask: mask } as never),
        /MultiHeadAttention has no argument `queryMask`\. Allowed: valueMask, keyMask/,
      );
    });
  });

  it("of categoryEncoding takes weights where it counts, and nowhere else", () => {
    leavesNoTensors(() => {
      tf.tidy(() => {
        const numbers = tf.tensor2d([[0, 2, 2]], [1, 3], "int32");
        const countWeights = tf.tensor2d([[0.5, 1, 3]]);
        const counting = layers.categoryEncoding({ numTokens: 4, outputMode: "count" });
        const counts = counting.apply(numbers, { countWeights } as never) as tf.Tensor;
        assert.deepEqual([...counts.dataSync()], [0.5, 0, 4, 0]);
        assert.throws(
          () => counting.apply(numbers, { countWeights: tf.ones([1, 2]) } as never),
          /`countWeights` must be a tensor of the input's shape, \[1,3\]/,
        );
        const others = layers.categoryEncoding({ numTokens: 4 });
        assert.throws(
          () => others.apply(numbers, { countWeights } as never),
          /`countWeights` must be left out where `outputMode` is "multiHot"/,
        );
        assert.throws(
          () => counting.apply(numbers, { countWeight: 1 } as never),
          /CategoryEncoding has no argument `countWeight`\. Allowed: countWeights/,
        );
      });
    });
  });

  it("of reversibleEmbedding says which argument is unknown, and which vectors it takes back", () => {
    const layer = layers.reversibleEmbedding({ inputDim: 6, outputDim: 3 });
    tf.tidy(() => {
      const vectors = tf.ones([1, 2, 4]);
      assert.throws(
        () => layer.apply(tf.ones([1, 2]), { revers: true } as never),
        /ReversibleEmbedding has no argument `revers`\. Allowed: reverse/,
      );
      for (const given of [vectors, tf.input({ shape: [2, 4] })]) {
        assert.throws(
          () => layer.apply(given as tf.Tensor, { reverse: true } as never),
          /`inputs` must be vectors of `outputDim`, 3 numbers, where `reverse` is true/,
        );
      }
    });
    tf.dispose(layer.weights.map((weight) => weight.read() as tf.Tensor));
  });
});

test("every function that makes a layer says by name what is missing where it gets no options", () => {
  for (const [name, make] of Object.entries(layers)) {
    if (/^[A-Z]/.test(name)) continue; // a class
    try {
      (make as () => unknown)();
    } catch (error) {
      assert.equal((error as Error).name, "InvalidArgumentError", `${name}: ${error}`);
      assert.match((error as Error).message, /^`\w+` must be /, name);
    }
  }
});

test("adapt() of integerLookup refuses numbers that aren't whole", () => {
  const data = tf.tensor1d([1, 2.5]);
  assert.throws(() => layers.integerLookup().adapt(data), /`data` must be whole numbers.*2\.5/);
  data.dispose();
});
