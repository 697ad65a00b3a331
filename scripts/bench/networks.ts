/** What lies beyond the chapter: large networks, their files, and a training loop of one's own; networks.py has Keras'. */
import type {
  LayersModel,
  Sequential,
  Tensor,
  Tensor4D,
  Variable,
} from "@tensorflow/tfjs-node-gpu";
import { build } from "./build";
import { kerasFile } from "./folders";
import { engineOf, type Mode, type Workload } from "./parts";

const { applications, compiled, fit, loadModel, optimizers, predict, setSeed, tf } = build;

const pictureSize = 224;

function picturesOf(count: number): Tensor4D {
  const length = count * pictureSize ** 2 * 3;
  const values = Float32Array.from({ length }, (_, i) => (i * 7919) % 256);
  return tf.tensor4d(values, [count, pictureSize, pictureSize, 3]);
}

/** Two steps of a whole network that starts from random weights. */
const training =
  (make: (options: { weights: null; classes: number }) => Promise<LayersModel>) =>
  async (mode: Mode, scale: number): Promise<Workload> => {
    setSeed(1);
    const [batchSize, steps] = [8, 2 * scale];
    const model = await make({ weights: null, classes: 10 });
    const optimizer = optimizers.sgd({ learningRate: 0.01, momentum: 0.9 });
    model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    const labels = Int32Array.from({ length: batchSize * steps }, (_, i) => i % 10);
    const data: [Tensor, Tensor] = [picturesOf(batchSize * steps), tf.tensor1d(labels, "int32")];
    return async () => {
      await fit(model, data, { batchSize, epochs: 1, ...engineOf(mode) });
      return steps;
    };
  };

/** A file that Keras wrote is read, and its model given back. */
const loading = (network: string) => async (): Promise<Workload> => {
  return async () => {
    const model = await loadModel(kerasFile(network), { compile: false });
    model.dispose();
    return 1;
  };
};

/** One picture a call, by a model that has predicted before. */
const predicting =
  (network: string) =>
  async (mode: Mode, scale: number): Promise<Workload> => {
    const model = await loadModel(kerasFile(network), { compile: false });
    const picture = picturesOf(1);
    return async () => {
      for (let call = 0; call < 5 * scale; call++) {
        tf.dispose(await predict(model, picture, { verbose: 0, ...engineOf(mode) }));
      }
      return 5 * scale;
    };
  };

const [batch, latent, filters] = [32, 64, 32];

/** The networks of examples/gan.ts. */
function adversaries(): [makes: Sequential, judges: Sequential] {
  const sampling = { kernelSize: 4, strides: 2, padding: "same" } as const;
  const leaky = () => tf.layers.leakyReLU({ alpha: 0.2 });
  const makes = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [latent], units: 7 * 7 * filters }),
      tf.layers.reshape({ targetShape: [7, 7, filters] }),
      tf.layers.conv2dTranspose({ ...sampling, filters, useBias: false }),
      tf.layers.batchNormalization(),
      leaky(),
      tf.layers.conv2dTranspose({ ...sampling, filters: 1, useBias: false, activation: "tanh" }),
    ],
  });
  const judges = tf.sequential({
    layers: [
      tf.layers.conv2d({ ...sampling, inputShape: [28, 28, 1], filters }),
      leaky(),
      tf.layers.conv2d({ ...sampling, filters: 2 * filters }),
      leaky(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ],
  });
  return [makes, judges];
}

/** Steps of a generator and a discriminator, with an optimizer each. */
async function adversarial(mode: Mode, scale: number): Promise<Workload> {
  setSeed(1);
  const [makes, judges] = adversaries();
  const ofMakes = optimizers.adam({ learningRate: 1e-3, beta1: 0.5 });
  const ofJudges = optimizers.adam({ learningRate: 2e-4, beta1: 0.5 });
  const weightsOf = (model: Sequential) =>
    model.trainableWeights.map((weight) => weight.read()) as Variable[];
  const made = () => makes.apply(tf.randomNormal([batch, latent]), { training: true }) as Tensor;
  const loss = (labels: Tensor, pictures: Tensor) =>
    tf.losses
      .sigmoidCrossEntropy(labels, judges.apply(pictures, { training: true }) as Tensor)
      .asScalar();
  const step = (real: Tensor) => {
    const pictures = tf.concat([made(), real]);
    const labels = tf.concat([tf.ones([batch, 1]), tf.zeros([batch, 1])]);
    return {
      judging: ofJudges.minimize(() => loss(labels, pictures), true, weightsOf(judges))!,
      making: ofMakes.minimize(() => loss(tf.zeros([batch, 1]), made()), true, weightsOf(makes))!,
    };
  };
  const run = mode === "eager" ? (real: Tensor) => tf.tidy(() => step(real)) : compiled(step);
  const length = batch * 28 * 28;
  const values = Float32Array.from({ length }, (_, i) => ((i * 7919) % 256) / 127.5 - 1);
  const real = tf.tensor4d(values, [batch, 28, 28, 1]);
  const steps = 50 * scale;
  return async () => {
    for (let i = 0; i < steps; i++) {
      const losses = await run(real);
      await losses.making.data();
      tf.dispose(losses);
    }
    return steps;
  };
}

/** By name. */
export const networks: Record<string, (mode: Mode, scale: number) => Promise<Workload>> = {
  residual: training((options) => applications.resNet50(options)),
  efficient: training((options) => applications.efficientNetB0(options)),
  gan: adversarial,
  "load-residual": loading("ResNet50"),
  "load-vgg": loading("VGG16"),
  "predict-residual": predicting("ResNet50"),
  "predict-dense": predicting("DenseNet121"),
  "predict-nasnet": predicting("NASNetMobile"),
};
