import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { dtypeNumber } from "../../lib/compiled/addStep";
import { EagerStep } from "../../lib/compiled/eager";
import { inputName } from "../../lib/compiled/traceOnce";
import { traceStep } from "../../lib/compiled/traceStep";
import { sourceOfStep } from "../../lib/compiled/userCode";
import { assemble, GraphBuilder, loadOpRegistry } from "../../lib/graph";
import { layers, tf } from "../../lib/index";
import { objectiveOf } from "../../lib/objectives";
import { DType, useNativeKernels } from "../../lib/tfjs";

/** How often each op is in the training step of a model of 16×16 images. */
async function opsOf(model: LayersModel): Promise<(name: string) => number> {
  useNativeKernels();
  loadOpRegistry();
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "binaryCrossentropy" });
  const objective = objectiveOf(model, "fit");
  const step = new EagerStep(model, { objective, mode: "train" });
  const { general: trace } = await traceStep({
    name: "train",
    run: ([x, y]) => step.train({ xs: [x!], ys: [y!] }),
    inputs: [
      { shape: [16, 16, 3], dtype: "float32" },
      { shape: [1], dtype: "float32" },
    ],
    size: 4,
    packed: true,
    source: sourceOfStep(model, objective),
  });
  const graph = new GraphBuilder();
  const batch = graph.placeholder("batch", DType.int32, []);
  const inputs = Object.fromEntries(
    [0, 1].map((i) => [inputName(i), graph.placeholder(`input_${i}`, DType.float32, [-1])]),
  );
  const keys = graph.placeholder("keys", DType.int32, [trace.keys.length, 2]);
  const variable = (name: string) => {
    const { dtype, shape } = trace.variables.get(name)!;
    return graph.variable(name, dtypeNumber(dtype), shape);
  };
  assemble(trace, { graph, inputs, keys, batch, variable });
  model.dispose();
  return (name) => graph.nodes.filter(({ op }) => op === name).length;
}

const conv = (name: string) => tf.layers.conv2d({ filters: 4, kernelSize: 3, name });
const head = () => [tf.layers.flatten(), tf.layers.dense({ units: 1, activation: "sigmoid" })];

test("no gradient is computed below the first layer that is trained", async () => {
  const trunk = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [16, 16, 3], activation: "relu" }),
      conv("second"),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      conv("third"),
    ],
  });
  for (const layer of trunk.layers) layer.trainable = layer.name === "third";
  const ops = await opsOf(tf.sequential({ layers: [trunk, ...head()] }));
  assert.equal(ops("Conv2D"), 3);
  assert.equal(ops("Conv2DBackpropFilter"), 1);
  assert.equal(ops("Conv2DBackpropInput"), 0);
  assert.equal(ops("MaxPoolGrad"), 0);
  assert.equal(ops("ReluGrad"), 0);
});

test("no gradient is computed through augmentation in front of the first weights", async () => {
  const model = tf.sequential({
    layers: [
      layers.randomFlip({ inputShape: [16, 16, 3] }),
      layers.randomRotation({ factor: 0.1 }),
      layers.randomZoom({ heightFactor: 0.2 }),
      layers.rescaling({ scale: 1 / 255 }),
      conv("first"),
      ...head(),
    ],
  });
  const ops = await opsOf(model);
  assert.equal(ops("Conv2DBackpropFilter"), 1);
  assert.equal(ops("Conv2DBackpropInput"), 0);
  assert.equal(ops("ImageProjectiveTransformV3"), 1, "flip, rotation and zoom are one sampling");
  assert.equal(ops("ReverseV2"), 0);
  assert.equal(ops("MatrixInverse"), 0, "which the gradient of a transform needs");
});
