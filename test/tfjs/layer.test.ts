import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  activationName,
  checkNewWeights,
  functionalOf,
  isModel,
  layersOf,
  leavesOf,
  optimizerOf,
  outputShapesOf,
  partsOf,
  tf,
} from "../../lib/tfjs";

const dense = (name: string) => tf.layers.dense({ units: 3, inputShape: [2], name });

describe("layers", () => {
  it("are found at any depth, and a model's own one level deep", () => {
    const inner = tf.sequential({ layers: [dense("inside")] });
    const model = tf.sequential({
      layers: [inner, tf.layers.dense({ units: 1, name: "outside" })],
    });
    assert.deepEqual(
      leavesOf(model).map(({ name }) => name),
      ["inside", "outside"],
    );
    assert.deepEqual(layersOf(model), model.layers);
    assert.deepEqual(layersOf(model.layers[1]!), []);
    model.dispose();
  });

  it("are models when tfjs made them as such, not when they have a list of layers", () => {
    const model = tf.sequential();
    assert.equal(isModel(model), true);
    assert.equal(isModel({ layers: [] }), false);
    assert.equal(isModel(null), false);
  });

  it("say the shapes of their outputs as a list, a Sequential of one layer too", () => {
    const alone = tf.sequential({ layers: [dense("alone")] });
    assert.deepEqual(outputShapesOf(alone), [[null, 3]]);
    assert.deepEqual(outputShapesOf(alone.layers[0]!), [[null, 3]]);
    assert.equal(outputShapesOf(tf.layers.dense({ units: 3 })), undefined);
    alone.dispose();
  });

  it("name the activation at their end", () => {
    assert.equal(activationName(tf.layers.dense({ units: 1, activation: "sigmoid" })), "sigmoid");
    assert.equal(activationName(tf.layers.flatten()), undefined);
  });

  it("have parts where their class has them", () => {
    const layer = tf.layers.gru({ units: 1 });
    const { cell, layer: wrapped } = partsOf(tf.layers.timeDistributed({ layer }));
    assert.equal(cell, undefined);
    assert.equal(wrapped, layer);
    assert.equal(partsOf(layer).cell?.getClassName(), "GRUCell");
  });

  it("ask before they make a weight, until told not to", () => {
    const asked: string[] = [];
    const layer = tf.layers.dense({ units: 3 });
    const stop = checkNewWeights(layer, ({ name, shape }) => asked.push(`${name} ${shape}`));
    layer.build([null, 2]);
    assert.deepEqual(asked, ["kernel 2,3", "bias 3"]);
    stop();
    assert.equal(Object.hasOwn(layer, "addWeight"), false);
    tf.dispose(layer.weights.map((weight) => weight.read()));
  });
});

describe("models", () => {
  it("have an optimizer once they are compiled", () => {
    for (const model of [tf.sequential({ layers: [dense("d")] }), tf.sequential()]) {
      assert.equal(optimizerOf(model), undefined);
    }
    const model = tf.sequential({ layers: [dense("e")] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    assert.equal(optimizerOf(model)?.getClassName(), "SGD");
    assert.equal(optimizerOf(functionalOf(model)), optimizerOf(model));
    model.dispose();
  });
});
