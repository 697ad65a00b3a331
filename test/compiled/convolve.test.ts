/** What a model predicts by convolutions of our own: with the weights of now, several at once, without leaks. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LayersModel, SymbolicTensor, Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { hasConvolve } from "../../lib/engine";
import { recordRuns } from "../../lib/graph";
import { evaluate, fit, predict, setSeed, tf } from "../../lib/index";

const skip = !hasConvolve() && "the kernels are for processors with AVX2 and without AVX-512";
const quiet = { verbose: 0 } as const;

/** Convolutions of both kinds with a normalisation, a pooling and a way around. */
function makeModel(seed = 1): LayersModel {
  setSeed(seed);
  const inputs = tf.input({ shape: [12, 10, 3] });
  const chain = (x: SymbolicTensor, ...layers: tf.layers.Layer[]) =>
    layers.reduce((y, layer) => layer.apply(y) as SymbolicTensor, x);
  const first = chain(
    inputs,
    tf.layers.zeroPadding2d({
      padding: [
        [0, 1],
        [0, 1],
      ] as never,
    }),
    tf.layers.conv2d({ filters: 24, kernelSize: 3, strides: 2, useBias: false }),
    tf.layers.batchNormalization({ movingVarianceInitializer: "ones" }),
    tf.layers.reLU({ maxValue: 6 }),
  );
  const around = chain(
    first,
    tf.layers.depthwiseConv2d({ kernelSize: 3, padding: "same", useBias: false }),
    tf.layers.batchNormalization({}),
    tf.layers.reLU({ maxValue: 6 }),
    tf.layers.conv2d({ filters: 24, kernelSize: 1 }),
  );
  const outputs = chain(
    tf.layers.add().apply([first, around]) as SymbolicTensor,
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 5, kernelSize: 2, activation: "relu" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 2 }),
  );
  const model = tf.model({ inputs, outputs });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  return model;
}

const pictures = (count: number, seed = 3): Tensor4D =>
  tf.randomUniform([count, 12, 10, 3], -1, 1, "float32", seed);

async function assertEager(model: LayersModel, x: Tensor, options = {}): Promise<number[]> {
  const [compiled, eager] = [
    await predict(model, x, { ...quiet, ...options }),
    model.predict(x) as Tensor,
  ];
  const [values, wanted] = [compiled, eager].map((each) => Array.from(each.dataSync())) as [
    number[],
    number[],
  ];
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [i, value] of values.entries()) {
    assert.ok(Math.abs(value - wanted[i]!) <= 1e-5 * scale, `${value} for ${wanted[i]}`);
  }
  tf.dispose([compiled, eager]);
  return values;
}

describe("predictions by convolutions of our own", { skip }, () => {
  it("are computed by them, of one picture and of many", async () => {
    const model = makeModel();
    for (const count of [1, 5]) {
      const x = pictures(count);
      const nodes = (
        await recordRuns(async () => (await predict(model, x, quiet)).dispose())
      ).flat();
      const counts = (op: string) => nodes.filter((node) => node.op === op).length;
      assert.equal(counts("ConvnetsConvolve"), 3);
      assert.equal(counts("ConvnetsConvolveDepthwise"), 1);
      x.dispose();
    }
    model.dispose();
  });

  it("are those of the weights that the model has now, however they came", async () => {
    const model = makeModel();
    const [x, y] = [pictures(6), tf.randomUniform([6, 2], 0, 1, "float32", 4)];
    const other = makeModel(2);
    const changes: Record<string, () => unknown> = {
      "as they are": () => {},
      fit: () => fit(model, [x, y], { ...quiet, epochs: 2 }),
      setWeights: () => model.setWeights(other.getWeights()),
      "one layer's": () => {
        const layer = model.layers.find((each) => each.getClassName() === "DepthwiseConv2D")!;
        tf.tidy(() => layer.setWeights(layer.getWeights().map((weight) => weight.mul(2))));
      },
      "an optimizer's step": () =>
        model.optimizer.minimize(() => (model.predict(x) as Tensor).square().mean().asScalar()),
      "an assignment": () =>
        tf.tidy(() => {
          for (const { val } of model.trainableWeights as unknown as { val: tf.Variable }[]) {
            val.assign(val.mul(0.9));
          }
        }),
      "a single batch": () => model.trainOnBatch(x, y),
    };
    const one = x.slice([0, 0, 0, 0], [1, -1, -1, -1]);
    const seen = new Set<string>();
    for (const change of Object.values(changes)) {
      await change();
      const values = await assertEager(model, x);
      await assertEager(model, x, { batchSize: 4 });
      await assertEager(model, one);
      seen.add(String(values));
    }
    assert.equal(seen.size, Object.keys(changes).length);
    const { loss } = await evaluate(model, [x, y], quiet);
    const eager = await evaluate(model, [x, y], { ...quiet, engine: "eager" });
    assert.ok(Math.abs(loss - eager.loss) < 1e-5 * eager.loss);
    tf.dispose([x, y, one]);
    model.dispose();
    other.dispose();
  });

  it("don't meet each other when several are made at once", async () => {
    const models = [makeModel(1), makeModel(2)];
    const inputs = Array.from({ length: 4 }, (_, i) => pictures(1 + 3 * i, i));
    await Promise.all(models.flatMap((model) => inputs.map((x) => assertEager(model, x))));
    tf.dispose(inputs);
    for (const model of models) model.dispose();
  });

  it("leave no memory behind, nor do weights that change", async () => {
    const model = makeModel();
    const x = pictures(2);
    const weights = model.getWeights().map((weight) => weight.clone());
    const ask = async (times: number) => {
      for (let i = 0; i < times; i++) (await predict(model, x, quiet)).dispose();
    };
    const change = async (times: number) => {
      for (let i = 0; i < times; i++) {
        model.setWeights(weights);
        await ask(1);
      }
    };
    await ask(300);
    await change(30);
    const [tensors, bytes] = [tf.memory().numTensors, process.memoryUsage().rss];
    await ask(1000);
    await change(100);
    assert.equal(tf.memory().numTensors, tensors);
    const grown = (process.memoryUsage().rss - bytes) / 2 ** 20;
    assert.ok(grown < 32, `${grown} MiB`);
    tf.dispose([x, ...weights]);
    model.dispose();
  });
});
