/** A step that fails leaves everything as the last finished step did. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, optimizers, tf } from "../../lib/index";

/** Looks five numbers up, and fails for others. */
function lookingUp(optimizer: tf.Optimizer, ...between: tf.layers.Layer[]): tf.LayersModel {
  const [inputDim, outputDim, inputLength] = [5, 3, 2];
  const model = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim, outputDim, inputLength, embeddingsInitializer: "ones" }),
      tf.layers.flatten(),
      ...between,
      tf.layers.dense({ units: 1, kernelInitializer: "ones" }),
    ],
  });
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

/** Weights and steps after two steps on good numbers, with failing ones between them or not. */
async function outcome(
  model: tf.LayersModel,
  { engine, failing }: { engine: "graph" | "eager"; failing: number },
): Promise<number[]> {
  const good = tf.tensor2d([0, 1, 2, 3], [2, 2], "int32");
  const bad = tf.fill([2, 2], 77, "int32");
  const y = tf.zeros([2, 1]);
  await fit(model, [good, y], { verbose: 0, engine });
  for (let i = 0; i < failing; i++) {
    await assert.rejects(fit(model, [bad, y], { verbose: 0, engine }));
  }
  await fit(model, [good, y], { verbose: 0, engine });
  const numbers = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  tf.dispose([good, bad, y]);
  model.dispose();
  return numbers;
}

for (const name of ["adam", "adamW", "adamax", "nadam", "rmsprop"] as const) {
  test(`five failing steps don't count for ${name}`, async () => {
    const make = () => lookingUp(optimizers[name]({ learningRate: 0.1 }));
    const unbroken = await outcome(make(), { engine: "graph", failing: 0 });
    assert.deepEqual(await outcome(make(), { engine: "graph", failing: 5 }), unbroken);
    const eager = await outcome(make(), { engine: "eager", failing: 5 });
    const far = eager.filter((value, i) => Math.abs(value - unbroken[i]!) > 1e-5);
    assert.deepEqual(far, []);
  });
}

test("five failing steps leave a batch normalisation's moving statistics alone", async () => {
  // It takes another input than the one that fails, so that it could be computed all the same.
  const statistics: number[][] = [];
  for (const failing of [0, 5]) {
    const inputs = [tf.input({ shape: [2], dtype: "int32" }), tf.input({ shape: [3] })];
    const [numbers, values] = inputs as [tf.SymbolicTensor, tf.SymbolicTensor];
    const found = tf.layers
      .flatten()
      .apply(tf.layers.embedding({ inputDim: 5, outputDim: 3 }).apply(numbers));
    const normalized = tf.layers.batchNormalization({ momentum: 0.5 }).apply(values);
    const outputs = tf.layers
      .dense({ units: 1 })
      .apply(tf.layers.concatenate().apply([found, normalized]));
    const model = tf.model({ inputs, outputs });
    model.compile({ optimizer: optimizers.sgd(), loss: "meanSquaredError" });
    const x = (number: number) => [tf.fill([4, 2], number, "int32"), tf.fill([4, 3], 8)];
    const y = tf.zeros([4, 1]);
    await fit(model, [x(1), y], { verbose: 0, engine: "graph" });
    for (let i = 0; i < failing; i++) {
      await assert.rejects(fit(model, [x(77), y], { verbose: 0, engine: "graph" }));
    }
    const layer = model.layers.find((each) => each.getClassName() === "BatchNormalization")!;
    statistics.push(
      layer
        .getWeights()
        .slice(2)
        .flatMap((weight) => [...weight.dataSync()]),
    );
    model.dispose();
  }
  assert.deepEqual(statistics[1], statistics[0]);
});
