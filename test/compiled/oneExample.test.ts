/** A batch of one example has a graph of its own where TensorFlow's usual one is slow for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { GraphBuilder, keepNormalizationApart, normalizesConvolutions } from "../../lib/graph";
import { evaluate, predict, tf } from "../../lib/index";
import { DType } from "../../lib/tfjs";

test("a convolution is kept apart from its normalisation by fixed statistics, and from no other", () => {
  const graph = new GraphBuilder();
  const facts = { shapes: [[-1, 4, 4, 2]], dtypes: [DType.float32] };
  const x = graph.placeholder("x", DType.float32, [-1, 4, 4, 2]);
  const one = graph.float32([1, 1]);
  const filter = graph.op("Conv2D", [x, one], facts);
  const normalize = (isTraining: boolean, input: string) =>
    graph.op("FusedBatchNorm", [input, one, one, one, one], {
      attrs: { is_training: { bool: isTraining } },
      ...facts,
    });
  normalize(true, filter);
  assert.equal(normalizesConvolutions(graph), false);
  const fixed = normalize(false, filter);
  const pixels = normalize(false, x);
  assert.equal(normalizesConvolutions(graph), true);
  keepNormalizationApart(graph);
  assert.equal(graph.node(graph.node(fixed).inputs[0]!).op, "PlaceholderWithDefault");
  assert.equal(graph.node(pixels).inputs[0], x);
  assert.equal(normalizesConvolutions(graph), false);
});

test("one example gives what it gives among others, in any order of calls", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 2] }),
      tf.layers.batchNormalization({ movingVarianceInitializer: "ones" }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, padding: "same" }),
      tf.layers.batchNormalization({}),
      tf.layers.globalAveragePooling2d({}),
    ],
  });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const x = tf.randomUniform([3, 8, 8, 2]);
  const [y, first, all] = [tf.zeros([3, 4]), x.slice([0, 0, 0, 0], [1, -1, -1, -1]), x];
  const expected = model.predict(x) as Tensor;
  const tensors = tf.memory().numTensors;
  for (const [input, batchSize] of [
    [first, 32],
    [all, 32],
    [all, 2],
    [all, 1],
    [first, 32],
  ] as const) {
    const outputs = (await predict(model, input, { batchSize, verbose: 0 })) as Tensor;
    const wanted = expected.dataSync().subarray(0, outputs.size);
    tf.test_util.expectArraysClose(await outputs.data(), wanted, 1e-5);
    outputs.dispose();
  }
  const losses: number[] = [];
  for (const batchSize of [3, 2, 1])
    losses.push((await evaluate(model, [x, y], { batchSize, verbose: 0 })).loss);
  for (const loss of losses) assert.ok(Math.abs(loss - losses[0]!) < 1e-6);
  assert.equal(tf.memory().numTensors, tensors);
  tf.dispose([x, y, first, expected]);
  model.dispose();
});
