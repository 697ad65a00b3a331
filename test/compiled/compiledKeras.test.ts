/** Training loops of one's own, compiled, beside the same loops under `tf.function` in Python. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LayersModel, Scalar, Tensor, Tensor4D, Variable } from "@tensorflow/tfjs-node-gpu";
import { compiled, optimizers, saveModel, setSeed, tf } from "../../lib/index";
import { runPythonFile } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const [BATCH, LATENT, STEPS] = [8, 6, 5];

const wave = (shape: number[], from: number) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(from + 1.7 * i)),
    shape,
  );
const pictures = (step: number) => wave([BATCH, 8, 8, 1], 100 * step) as Tensor4D;
const noise = (step: number) => wave([BATCH, LATENT], 50 + 1000 * step);

function generatorOf(): LayersModel {
  const transposed = { kernelSize: 4, strides: 2, padding: "same" } as const;
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 2 * 2 * 8, inputShape: [LATENT] }),
      tf.layers.reshape({ targetShape: [2, 2, 8] }),
      tf.layers.conv2dTranspose({ ...transposed, filters: 8 }),
      tf.layers.batchNormalization(),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.conv2dTranspose({ ...transposed, filters: 1, activation: "tanh" }),
    ],
  });
}

function discriminatorOf(): LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 8,
        kernelSize: 4,
        strides: 2,
        padding: "same",
        inputShape: [8, 8, 1],
      }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ],
  });
}

const weightsOf = (model: LayersModel) =>
  model.trainableWeights.map((weight) => weight.read()) as Variable[];
const crossentropy = (labels: Tensor, logits: Tensor) =>
  tf.losses.sigmoidCrossEntropy(labels, logits) as Scalar;

interface Expected {
  losses: [number, number][];
  weight: number;
  attributions: number[];
}

describe("beside Keras", () => {
  const folder = temporaryFolder();
  after(() => folder[Symbol.dispose]());
  let [generator, discriminator] = [] as unknown as [LayersModel, LayersModel];
  let expected: Expected;

  before(async () => {
    setSeed(1);
    [generator, discriminator] = [generatorOf(), discriminatorOf()];
    await saveModel(generator, folder.join("generator.keras"));
    await saveModel(discriminator, folder.join("discriminator.keras"));
    expected = JSON.parse(await runPythonFile("test/compiled/loops.py", [folder.path])) as Expected;
  });

  // First, while the weights are those of the files.
  it("integrated gradients are Keras'", async () => {
    const attribute = compiled((picture: Tensor4D, baseline: Tensor4D) => {
      const shares = tf.linspace(0, 1, 21).reshape([-1, 1, 1, 1]);
      const between = tf.add(baseline, tf.mul(shares, tf.sub(picture, baseline)));
      const gradients = tf.grad((x) => tf.sum(discriminator.apply(x)))(between);
      const sums = tf.add(gradients.slice([0], [20]), gradients.slice([1], [20]));
      return tf.mul(tf.mean(tf.div(sums, 2), 0), tf.sub(picture, baseline));
    });
    const all = pictures(0);
    const [picture, baseline] = [all.slice([0], [1]), tf.zeros<tf.Rank.R4>([1, 8, 8, 1])];
    for (const engine of ["eager", "graph"]) {
      const attributions = await attribute(picture, baseline);
      assert.equal(attribute.engine, engine);
      attributions.dataSync().forEach((value, i) => {
        assert.ok(Math.abs(value - expected.attributions[i]!) < 1e-6, `${engine} ${i}: ${value}`);
      });
      attributions.dispose();
    }
    attribute.dispose();
    tf.dispose([all, picture, baseline]);
  });

  it("five steps of a GAN have Keras' losses", async () => {
    const ofDiscriminator = optimizers.adam({ learningRate: 3e-3, beta1: 0.5 });
    const ofGenerator = optimizers.adam({ learningRate: 2e-3, beta1: 0.5 });
    const [real, fake] = [tf.zeros([BATCH, 1]), tf.ones([BATCH, 1])];
    const labels = tf.concat([fake, real]);
    const training = { training: true };
    const step = compiled(
      (images: Tensor4D, first: Tensor, second: Tensor) => {
        const made = generator.apply(first, training) as Tensor4D;
        const both = tf.concat([made, images]);
        const discriminatorLoss = ofDiscriminator.minimize(
          () => crossentropy(labels, discriminator.apply(both, training)),
          true,
          weightsOf(discriminator),
        )!;
        const generatorLoss = ofGenerator.minimize(
          () =>
            crossentropy(real, discriminator.apply(generator.apply(second, training), training)),
          true,
          weightsOf(generator),
        )!;
        return { discriminatorLoss, generatorLoss };
      },
      { engine: "graph" },
    );
    for (let i = 0; i < STEPS; i++) {
      const given = [pictures(i), noise(i), noise(i + 0.5)] as const;
      const before = tf.memory().numTensors;
      const { discriminatorLoss, generatorLoss } = await step(...given);
      if (i > 0) assert.equal(tf.memory().numTensors, before + 2);
      const losses = [discriminatorLoss.dataSync()[0]!, generatorLoss.dataSync()[0]!];
      losses.forEach((loss, k) => {
        const keras = expected.losses[i]![k]!;
        assert.ok(Math.abs(loss - keras) < 1e-4, `step ${i}, loss ${k}: ${loss}, Keras ${keras}`);
      });
      tf.dispose([...given, discriminatorLoss, generatorLoss]);
    }
    assert.equal(step.engine, "graph");
    assert.equal(ofGenerator.iterations, STEPS);
    const sum = tf.tidy(() => tf.sum(tf.abs(weightsOf(generator)[0]!))).dataSync()[0]!;
    assert.ok(Math.abs(sum - expected.weight) < 1e-3, `${sum}, Keras ${expected.weight}`);
    step.dispose();
    for (const each of [ofDiscriminator, ofGenerator, generator, discriminator]) each.dispose();
    tf.dispose([real, fake, labels]);
  });
});
