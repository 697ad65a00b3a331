/** Recurrent layers as a user makes them: what they drop, keep and refuse, and what stays in memory. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compiled, fit, layers, predict, setSeed, tf } from "../../lib/index";
import { keySourcesOf } from "../../lib/layers";

const sequence = (steps = 5, features = 3, count = 4) =>
  tf.tensor(
    Float32Array.from({ length: count * steps * features }, (_, i) => Math.sin(3 * i)),
    [count, steps, features],
  );

/** Losses of two epochs, and the model's numbers after them. */
async function trained(make: () => tf.layers.Layer[], engine: "eager" | "graph") {
  setSeed(3);
  const model = tf.sequential({ layers: [...make(), tf.layers.dense({ units: 1 })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const [x, y] = [sequence(), tf.ones([4, 1])];
  const options = { engine, batchSize: 4, epochs: 2, shuffle: false, verbose: 0 } as const;
  const { history } = await fit(model, [x, y], options);
  const output = await predict(model, x, { verbose: 0 });
  const numbers = [...history.loss!, ...output.dataSync()];
  tf.dispose([x, y, output]);
  model.dispose();
  return numbers;
}

const inputShape = [5, 3];
const shares = { dropout: 0.4, recurrentDropout: 0.3 };

const droppers: Record<string, () => tf.layers.Layer[]> = {
  lstm: () => [layers.lstm({ units: 3, inputShape, ...shares })],
  gru: () => [layers.gru({ units: 3, inputShape, ...shares })],
  "gru, reset before": () => [layers.gru({ units: 3, inputShape, resetAfter: false, ...shares })],
  simpleRNN: () => [layers.simpleRNN({ units: 3, inputShape, ...shares })],
  rnn: () => [
    layers.rnn({
      cell: [layers.lstmCell({ units: 3, dropout: 0.4 }), layers.gruCell({ units: 2, ...shares })],
      inputShape,
    }),
  ],
  bidirectional: () => [
    layers.bidirectional({ layer: layers.lstm({ units: 2, ...shares }), inputShape }),
  ],
  convLstm2d: () => [
    tf.layers.reshape({ targetShape: [5, 3, 1, 1], inputShape }),
    layers.convLstm2d({ filters: 2, kernelSize: [2, 1], ...shares }),
    tf.layers.flatten(),
  ],
  "tf.layers.lstm": () => [tf.layers.lstm({ units: 3, inputShape, ...shares })],
  "tf.layers.gru": () => [tf.layers.gru({ units: 3, inputShape, ...shares })],
};

describe("what is dropped", () => {
  for (const [name, make] of Object.entries(droppers)) {
    it(`by ${name} is the same in a graph as eagerly, and leaves no tensors`, async () => {
      const before = tf.memory().numTensors;
      const graph = await trained(make, "graph");
      const eager = await trained(make, "eager");
      graph.forEach((value, i) => {
        assert.ok(Math.abs(value - eager[i]!) < 1e-5, `${value}, eagerly ${eager[i]}`);
      });
      assert.equal(tf.memory().numTensors, before);
    });
  }
});

/** A layer that gives its inputs, but for what is dropped of them. */
const passing = (options: object) =>
  layers.simpleRNN({
    ...{ units: 3, activation: "linear", useBias: false, returnSequences: true },
    ...{ kernelInitializer: "identity", recurrentInitializer: "zeros", ...options },
  });

/** Runs something with a layer, and frees both. */
function freeing(layer: tf.layers.Layer, use: () => void): void {
  const before = tf.memory().numTensors;
  tf.tidy(use);
  layer.dispose();
  assert.equal(tf.memory().numTensors, before);
}

describe("a recurrent layer", () => {
  it("drops the same of all time steps while training, repeatably, with keys that a run can keep", () => {
    const layer = passing({ dropout: 0.5, seed: 7 });
    freeing(layer, () => {
      const x = tf.ones([40, 5, 3]);
      const [keys, ...others] = keySourcesOf(layer);
      assert.equal(others.length, 0);
      const state = keys!.getState();
      const output = layer.apply(x, { training: true });
      const [first, ...later] = tf.unstack(output, 1).map((step) => step.dataSync());
      for (const step of later) assert.deepEqual(step, first);
      const kept = first!.filter((value) => value === 2).length;
      assert.equal(kept + first!.filter((value) => value === 0).length, 120);
      assert.ok(kept > 40 && kept < 80, `${kept} of 120`);
      keys!.setState(state);
      assert.deepEqual(layer.apply(x, { training: true }).dataSync(), output.dataSync());
      assert.deepEqual(layer.apply(x).dataSync(), x.dataSync());
    });
  });

  it("that drops nothing takes no keys of `setSeed`'s", () => {
    assert.deepEqual(keySourcesOf(layers.lstm({ units: 2 })), []);
    const cell = [layers.gruCell({ units: 2, dropout: 0.1 }), layers.lstmCell({ units: 2 })];
    assert.equal(keySourcesOf(layers.rnn({ cell })).length, 1);
  });

  it("gives its states when asked, and begins with those of a call", () => {
    const layer = layers.lstm({ units: 2, returnState: true });
    freeing(layer, () => {
      const x = sequence(6);
      const [whole] = layer.apply<tf.Tensor[]>(x);
      const [, h, c] = layer.apply<tf.Tensor[]>(tf.slice(x, 0, [4, 4, 3]));
      const rest = tf.slice(x, [0, 4, 0], [4, 2, 3]);
      const [after] = layer.apply<tf.Tensor[]>(rest, { initialState: [h, c] });
      assert.ok(tf.max(tf.abs(tf.sub(whole!, after!))).dataSync()[0]! < 1e-6);
      assert.throws(
        () => layer.apply(rest, { initialState: [h] }),
        /`initialState` must be a tensor for each of 2/,
      );
    });
  });

  it("that keeps states goes on with them until they are reset, and refuses batches of another size", () => {
    const layer = layers.gru({ units: 2, stateful: true, batchInputShape: [4, null, 3] });
    freeing(layer, () => {
      const x = sequence();
      const [first, second] = [layer.apply(x).dataSync(), layer.apply(x).dataSync()];
      assert.notDeepEqual(second, first);
      layer.resetStates();
      assert.deepEqual(layer.apply(x).dataSync(), first);
      assert.throws(() => layer.apply(tf.slice(x, 0, 2)), /`inputs` must be 4 examples/);
    });
  });

  it("of pictures whose channels come first gives what one of pictures with channels last gives", () => {
    const options = {
      filters: 2,
      kernelSize: 2,
      returnSequences: true,
      returnState: true,
    } as const;
    const [last, first] = [
      layers.convLstm2d(options),
      layers.convLstm2d({ ...options, dataFormat: "channelsFirst" }),
    ];
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const x = tf.reshape(sequence(3, 60), [4, 3, 5, 4, 3]);
      const wanted = last.apply<tf.Tensor[]>(x);
      first.apply(tf.transpose(x, [0, 1, 4, 2, 3]));
      first.setWeights(last.getWeights());
      const given = first.apply<tf.Tensor[]>(tf.transpose(x, [0, 1, 4, 2, 3]));
      assert.deepEqual(first.computeOutputShape([null, 3, 3, 5, 4]), [
        ...[
          [null, 3, 2, 4, 3],
          [null, 2, 4, 3],
        ],
        [null, 2, 4, 3],
      ]);
      given.forEach((tensor, i) => {
        const axes = i === 0 ? [0, 1, 3, 4, 2] : [0, 2, 3, 1];
        assert.deepEqual(tf.transpose(tensor, axes).dataSync(), wanted[i]!.dataSync());
      });
    });
    last.dispose();
    first.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it("is another one with the same numbers when tfjs makes it of its description", async () => {
    const cell = [
      layers.lstmCell({ units: 2, unitForgetBias: false }),
      layers.gruCell({ units: 2 }),
    ];
    const layer = layers.rnn({ cell, returnSequences: true, inputShape: [5, 3] });
    const inner = layers.gru({ units: 2, resetAfter: false });
    const backwardLayer = layers.gru({ units: 2, goBackwards: true, activation: "relu" });
    const model = tf.sequential({
      layers: [layer, layers.bidirectional({ layer: inner, backwardLayer, mergeMode: "sum" })],
    });
    const before = tf.memory().numTensors;
    const copy = await tf.models.modelFromJSON({
      modelTopology: model.toJSON(undefined, false) as tf.serialization.ConfigDict,
    });
    copy.setWeights(model.getWeights());
    tf.tidy(() => {
      const x = sequence();
      const [one, other] = [model.predict(x), copy.predict(x)] as [tf.Tensor, tf.Tensor];
      assert.deepEqual(one.dataSync(), other.dataSync());
    });
    copy.dispose();
    assert.equal(tf.memory().numTensors, before);
    model.dispose();
  });

  it("draws anew at each call of a compiled function", async () => {
    const layer = passing({ recurrentDropout: 0.5, dropout: 0.5 });
    const x = tf.ones([4, 5, 3]);
    const step = compiled((input: tf.Tensor) => layer.apply(input, { training: true }));
    const outputs: tf.Tensor[] = [];
    for (let i = 0; i < 4; i++) outputs.push(await step(x));
    const distinct = new Set(outputs.map((output) => output.dataSync().join()));
    assert.equal(distinct.size, 4);
    tf.dispose([x, outputs]);
    step.dispose();
    layer.dispose();
  });

  it("refuses what can't be", () => {
    const cell = tf.layers.lstmCell({ units: 2 });
    assert.throws(() => layers.rnn({ cell }), /`cell` must be layers.simpleRNNCell, lstmCell/);
    assert.throws(() => layers.lstm({ units: 0 }), /`units` must be/);
    assert.throws(() => layers.lstm({ units: 2, dropout: 1.5 }), /`dropout` must be/);
    assert.throws(() => layers.gru({ units: 2, unitForgetBias: true } as never), /unitForgetBias/);
    assert.throws(() => layers.stackedRNNCells({ cells: [] }), /`cells` must be a list/);
    const layer = layers.gru({ units: 2 });
    const [backwardLayer, dense] = [layers.gru({ units: 2 }), tf.layers.dense({ units: 1 })];
    assert.throws(
      () => layers.bidirectional({ layer, backwardLayer }),
      /`backwardLayer` must be a layer of the other direction/,
    );
    assert.throws(
      () => layers.bidirectional({ layer: dense }),
      /`layer` must be a recurrent layer/,
    );
    assert.throws(
      () =>
        layers
          .lstm({ units: 2, stateful: true, inputShape: [3, 2] })
          .apply(tf.input({ shape: [3, 2] })),
      /`stateful` must be false where any number/,
    );
    assert.throws(
      () => layers.convLstm1d({ filters: 1, kernelSize: 2, strides: 2, dilationRate: 2 }),
      /`dilationRate` must be 1 where strides are more/,
    );
  });
});
