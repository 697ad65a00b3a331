/** Attention as a user makes it: how it is called, what it refuses, what stays in memory. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { layers, loadModel, loadWeights, predict, saveModel, tf } from "../../lib/index";
import { keySourcesOf } from "../../lib/layers";
import { temporaryFolder } from "../support/temporaryFolder";

const sequence = (steps: number, features = 4) =>
  tf.tensor(
    Float32Array.from({ length: 2 * steps * features }, (_, i) => Math.sin(3 * i)),
    [2, steps, features],
  );

/** Runs something that may keep the weights of a layer, and frees them. */
function freeing(layer: tf.layers.Layer, use: () => void): void {
  const before = tf.memory().numTensors;
  tf.tidy(use);
  layer.dispose();
  assert.equal(tf.memory().numTensors, before);
}

describe("attention", () => {
  it("of a causal mask doesn't look ahead, and its shares of what it sees are 1 in all", () => {
    const layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 });
    freeing(layer, () => {
      const x = sequence(5);
      const call = { useCausalMask: true, returnAttentionScores: true };
      const [output, shares] = layer.apply<tf.Tensor[]>([x, x], call);
      assert.deepEqual(
        [output!.shape, shares!.shape],
        [
          [2, 5, 4],
          [2, 2, 5, 5],
        ],
      );
      const ahead = tf.sub(shares!, tf.linalg.bandPart(shares!, -1, 0));
      assert.equal(tf.max(ahead).dataSync()[0], 0);
      for (const sum of tf.sum(shares!, -1).dataSync()) assert.ok(Math.abs(sum - 1) < 1e-6);
    });
  });

  it("of a mask of its own looks where that is true, and nowhere else", () => {
    const layer = layers.groupQueryAttention({ headDim: 3, numQueryHeads: 2, numKeyValueHeads: 1 });
    freeing(layer, () => {
      const [x, y] = [sequence(3), sequence(2)];
      const first = tf.tensor([true, false], [1, 1, 2], "bool");
      const seen = layer.apply([x, y], { attentionMask: tf.tile(first, [2, 3, 1]) });
      const alone = layer.apply([x, tf.slice(y, [0, 0], [2, 1])]);
      assert.ok(tf.max(tf.abs(tf.sub(seen, alone))).dataSync()[0]! < 1e-6);
    });
  });

  it("drops shares while training only, repeatably, with keys that a run can keep", () => {
    const layer = layers.attention({ dropout: 0.5, seed: 7 });
    freeing(layer, () => {
      const x = sequence(5);
      const [sure, again] = [layer.apply([x, x]), layer.apply([x, x])];
      assert.deepEqual(sure.dataSync(), again.dataSync());
      const [keys] = keySourcesOf(layer);
      const state = keys!.getState();
      const trained = layer.apply([x, x], { training: true });
      assert.notDeepEqual(trained.dataSync(), sure.dataSync());
      keys!.setState(state);
      assert.deepEqual(layer.apply([x, x], { training: true }).dataSync(), trained.dataSync());
    });
  });

  it("in a model is saved with what its calls are told, and read again, whole and by name", async () => {
    using folder = temporaryFolder();
    const make = () => {
      const [query, value] = [tf.input({ shape: [3, 4] }), tf.input({ shape: [2, 4] })];
      const mask = tf.input({ shape: [3, 2], dtype: "bool" });
      const heads = layers.multiHeadAttention({ numHeads: 2, keyDim: 3, name: "heads" });
      const seen = heads.apply([query, value], { attentionMask: mask });
      const causal = layers.additiveAttention({ name: "sums" });
      const both = causal.apply([seen, seen], { useCausalMask: true });
      return tf.model({ inputs: [query, value, mask], outputs: both });
    };
    const before = tf.memory().numTensors;
    const mask = tf.tensor([1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1], [2, 3, 2], "bool");
    const inputs = [sequence(3), sequence(2), mask];
    const [model, other] = [make(), make()];
    await saveModel(model, folder.join("a.keras"));
    const read = await loadModel(folder.join("a.keras"));
    await loadWeights(other, folder.join("a.keras"), { byName: true });
    const [wanted, ...found] = await Promise.all(
      [model, read, other].map(
        async (each) => (await predict(each, inputs, { verbose: 0 })) as tf.Tensor,
      ),
    );
    for (const output of found) assert.deepEqual(output.dataSync(), wanted!.dataSync());
    tf.dispose([inputs, wanted!, found]);
    for (const each of [model, read, other]) each.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it("begins with kernels as Keras', by how many inputs and outputs a head has", () => {
    const layer = layers.multiHeadAttention({ numHeads: 8, keyDim: 16 });
    freeing(layer, () => {
      const x = sequence(2, 64);
      layer.apply([x, x]);
      const limit = Math.sqrt(6 / (64 + 8 * 16));
      const largest = tf.max(tf.abs(layer.getWeights()[0]!)).dataSync()[0]!;
      assert.ok(largest <= limit && largest > 0.98 * limit, `${largest} of ${limit}`);
    });
  });
});

describe("what can't be is refused in one sentence:", () => {
  const x = () => tf.input({ shape: [3, 4] });
  const heads = { numHeads: 2, keyDim: 3 };
  const cases: [what: string, attempt: () => unknown, message: RegExp][] = [
    [
      "no heads",
      () => layers.multiHeadAttention({ ...heads, numHeads: 0 }),
      /`numHeads` must be a positive whole/,
    ],
    [
      "Python's spelling",
      () => layers.multiHeadAttention({ num_heads: 2 } as never),
      /has no option `num_heads`/,
    ],
    [
      "a whole dropout",
      () => layers.multiHeadAttention({ ...heads, dropout: 2 }),
      /`dropout` must be/,
    ],
    [
      "one input",
      () => layers.multiHeadAttention(heads).apply(x()),
      /`inputs` must be \[query, value\]/,
    ],
    [
      "an unknown argument",
      () => layers.attention().apply([x(), x()], { causal: true }),
      /has no argument `causal`/,
    ],
    [
      "a mask of scores without heads",
      () => layers.attention().apply([x(), x()], { attentionMask: x() }),
      /no argument `attentionMask`/,
    ],
    [
      "no tensor for a mask",
      () => layers.multiHeadAttention(heads).apply([x(), x()], { attentionMask: [1] }),
      /`attentionMask` must be a tensor/,
    ],
    [
      "an axis of the batch",
      () => layers.multiHeadAttention({ ...heads, attentionAxes: 0 }).apply([x(), x()]),
      /`attentionAxes` must be axes/,
    ],
    [
      "unequal groups",
      () => layers.groupQueryAttention({ headDim: 2, numQueryHeads: 3, numKeyValueHeads: 2 }),
      /`numQueryHeads` must be a multiple of the 2/,
    ],
    ["another mode", () => layers.attention({ scoreMode: "sum" as "dot" }), /`scoreMode` must be/],
    [
      "no equation",
      () => layers.einsumDense({ equation: "ab->a", outputShape: 3 }),
      /`equation` must be of the form/,
    ],
    [
      "an open kernel",
      () => layers.einsumDense({ equation: "abc,cd->abd", outputShape: [null, null] }).apply(x()),
      /`outputShape` must be with a size for d/,
    ],
    [
      "another rank",
      () => layers.einsumDense({ equation: "ab,bc->ac", outputShape: 3 }).apply(x()),
      /`equation` must be for an input of 3 axes/,
    ],
    [
      "a bias elsewhere",
      () =>
        layers
          .einsumDense({ equation: "abc,cd->abd", outputShape: [null, 2], biasAxes: "c" })
          .apply(x()),
      /`biasAxes` must be letters of the output abd/,
    ],
    [
      "an axis too far",
      () => layers.layerNormalization({ axis: 3 }).apply(x()),
      /`axis` must be different axes/,
    ],
    [
      "the same axis twice",
      () => layers.layerNormalization({ axis: [-1, 2] }).apply(x()),
      /`axis` must be different axes/,
    ],
    [
      "no layer",
      () => layers.spectralNormalization({ layer: {} as tf.layers.Layer }),
      /`layer` must be a layer/,
    ],
    [
      "a layer without a kernel",
      () => layers.spectralNormalization({ layer: tf.layers.flatten() }).apply(x()),
      /`layer` must be one with a kernel/,
    ],
  ];
  for (const [what, attempt, message] of cases) {
    it(what, () => {
      const before = tf.memory().numTensors;
      assert.throws(attempt, (error: Error) => {
        assert.equal(error.name, "InvalidArgumentError");
        assert.match(error.message, message);
        return true;
      });
      assert.equal(tf.memory().numTensors, before);
    });
  }
});
