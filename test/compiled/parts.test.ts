/** A frozen base with large activations sees a batch in parts; nobody can tell by the numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { spareMemory } from "../../lib/compiled/sizes";
import { usesGpu } from "../../lib/engine";
import { GraphBuilder } from "../../lib/graph";
import { evaluate, fit, predict, tf } from "../../lib/index";
import { DType } from "../../lib/tfjs";

/** Activations of 64 MiB from 16 pictures: where parts begin to pay. */
function networkOf(): LayersModel {
  const frozen = { trainable: false, padding: "same" as const, activation: "relu" as const };
  const initializers = (seed: number) => ({
    kernelInitializer: tf.initializers.heNormal({ seed }),
  });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 4,
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

async function resultsOf(engine: "eager" | "graph", data: [Tensor, Tensor]): Promise<number[]> {
  const model = networkOf();
  model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  // 16 rows, then 5: fewer than two for each part.
  const options = { batchSize: 16, verbose: 0, engine } as const;
  const history = await fit(model, data, { ...options, epochs: 2, shuffle: false });
  const outputs = (await predict(model, data[0], options)) as Tensor;
  const numbers = [
    ...history.history.loss!,
    ...(await evaluate(model, data, options)),
    ...outputs.dataSync(),
    ...model.getWeights().at(-1)!.dataSync(),
  ];
  outputs.dispose();
  model.dispose();
  return numbers.map(Number);
}

test("training, evaluating and predicting in parts agree with the eager engine, small batches too", async () => {
  const x = tf.randomUniform([21, 512, 512, 1], 0, 1, "float32", 7);
  const y = tf.tensor1d(Array.from({ length: 21 }, (_, i) => i % 2));
  const data: [Tensor, Tensor] = [x, y];
  await resultsOf("graph", data);
  const tensors = tf.memory().numTensors;
  const [graph, eager] = [await resultsOf("graph", data), await resultsOf("eager", data)];
  assert.equal(tf.memory().numTensors, tensors);
  assert.equal(graph.length, eager.length);
  for (const [i, value] of graph.entries()) assert.ok(Math.abs(value - eager[i]!) < 1e-5, `${i}`);
  tf.dispose(data);
});

/** Pictures to activations to a pooling, four bytes a number. */
function largeGraph(): GraphBuilder {
  const graph = new GraphBuilder();
  const op = (name: string, input: string, shape: number[]) =>
    graph.op(name, [input], { shapes: [shape], dtypes: [DType.float32] });
  const large = [-1, 512, 512, 4];
  const relu = op("Relu", graph.placeholder("x", DType.float32, large), large);
  op("Softsign", op("MaxPool", relu, [-1, 32, 32, 4]), [-1, 32, 32, 4]);
  return graph;
}

test("parts begin at 64 MiB, and need a batch of two for each", { skip: usesGpu() }, () => {
  assert.equal(spareMemory(largeGraph(), 16), 8);
  assert.equal(spareMemory(largeGraph(), 15), undefined);
  const wide = new GraphBuilder();
  wide.placeholder("x", DType.float32, [-1, 4096, 4096, 4]);
  assert.equal(spareMemory(wide, 7), undefined);
});
