/** A frozen base with large activations sees a batch in parts; nobody can tell by the numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { spareMemory } from "../../lib/compiled/sizes";
import { usesGpu } from "../../lib/engine";
import { GraphBuilder } from "../../lib/graph";
import { evaluate, type FitOptions, fit, predict, tf } from "../../lib/index";
import { DType } from "../../lib/tfjs";

/** Activations of 128 MiB from 16 pictures: where parts begin to pay. */
function networkOf(): LayersModel {
  const frozen = { trainable: false, padding: "same" as const, activation: "relu" as const };
  const initializers = (seed: number) => ({
    kernelInitializer: tf.initializers.heNormal({ seed }),
  });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 8,
        kernelSize: 3,
        inputShape: [512, 512, 1],
        ...frozen,
        ...initializers(1),
      }),
      tf.layers.batchNormalization({ trainable: false }),
      tf.layers.maxPooling2d({ poolSize: 16 }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, ...frozen, ...initializers(2) }),
      tf.layers.maxPooling2d({ poolSize: 4 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, activation: "softmax", ...initializers(3) }),
    ],
  });
}

type Way = Pick<FitOptions, "engine" | "precision">;

async function resultsOf(way: Way, data: [Tensor, Tensor]): Promise<number[]> {
  const model = networkOf();
  model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  // 16 rows, then 5: fewer than two for each part.
  const options = { batchSize: 16, verbose: 0, ...way } as const;
  const history = await fit(model, data, { ...options, epochs: 2, shuffle: false });
  const outputs = await predict(model, data[0], options);
  const numbers = [
    ...history.history.loss!,
    (await evaluate(model, data, options)).loss,
    ...outputs.dataSync(),
    ...model.getWeights().at(-1)!.dataSync(),
  ];
  outputs.dispose();
  model.dispose();
  return numbers.map(Number);
}

/** Most memory that the process has held so far. */
const peakBytes = () => process.resourceUsage().maxRSS * 1024;

function picturesOf(count: number): [Tensor, Tensor] {
  const x = tf.randomUniform([count, 512, 512, 1], 0, 1, "float32", 7);
  return [x, tf.tensor1d(Array.from({ length: count }, (_, i) => i % 2))];
}

test("a batch of 32 holds no activations of 256 MiB, also after a single picture", {
  skip: usesGpu(),
}, async () => {
  const model = networkOf();
  const [x, y] = picturesOf(32);
  const one = x.slice([0, 0, 0, 0], [1, -1, -1, -1]);
  tf.dispose([await predict(model, one, { verbose: 0, engine: "graph" }), one]);
  const before = peakBytes();
  (await predict(model, x, { batchSize: 32, verbose: 0, engine: "graph" })).dispose();
  // Whole, two activations of 256 MiB would stand beside each other, and the fed copy of 32 MiB.
  assert.ok(peakBytes() - before < 520 * 2 ** 20, `${(peakBytes() - before) / 2 ** 20} MiB`);
  tf.dispose([x, y]);
  model.dispose();
});

test("training, evaluating and predicting in parts agree with the eager engine, small batches too", async () => {
  const data = picturesOf(21);
  await resultsOf({ engine: "graph" }, data);
  const tensors = tf.memory().numTensors;
  const graph = await resultsOf({ engine: "graph" }, data);
  const eager = await resultsOf({ engine: "eager" }, data);
  const low = await resultsOf({ engine: "graph", precision: "bfloat16" }, data);
  assert.equal(tf.memory().numTensors, tensors);
  assert.equal(graph.length, eager.length);
  for (const [i, value] of graph.entries()) assert.ok(Math.abs(value - eager[i]!) < 1e-5, `${i}`);
  for (const [i, value] of low.entries()) assert.ok(Math.abs(value - eager[i]!) < 0.1, `${i}`);
  tf.dispose(data);
});

/** Pictures to activations to a pooling, four bytes a number. */
function largeGraph(): GraphBuilder {
  const graph = new GraphBuilder();
  const op = (name: string, input: string, shape: number[]) =>
    graph.op(name, [input], { shapes: [shape], dtypes: [DType.float32] });
  const large = [-1, 512, 512, 8];
  const relu = op("Relu", graph.placeholder("x", DType.float32, large), large);
  op("Softsign", op("MaxPool", relu, [-1, 32, 32, 4]), [-1, 32, 32, 4]);
  return graph;
}

test("parts begin at 128 MiB, and need a batch of two for each", { skip: usesGpu() }, () => {
  const all = { min: 1, max: Number.POSITIVE_INFINITY };
  assert.deepEqual(spareMemory(largeGraph(), 16), { ...all, min: 8 });
  assert.deepEqual(spareMemory(largeGraph(), 15), { ...all, max: 15 });
  const whole = new GraphBuilder();
  whole.placeholder("x", DType.float32, [-1, 4096, 4096, 4]);
  assert.deepEqual(spareMemory(whole, 7), all);
});
