/** A DCGAN learns to write digits, in a training loop of its own: `gan.js [FILE [STEPS [FILTERS]]]`. */
import { compiled, datasets, optimizers, plot, setSeed, tf } from "convnets";

const [BATCH, LATENT] = [32, 64];

/** Noise to pictures in [-1, 1]. */
function generatorOf(filters: number): tf.Sequential {
  const upwards = { kernelSize: 4, strides: 2, padding: "same", useBias: false } as const;
  return tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [LATENT], units: 7 * 7 * filters }),
      tf.layers.reshape({ targetShape: [7, 7, filters] }),
      tf.layers.conv2dTranspose({ ...upwards, filters }),
      tf.layers.batchNormalization(),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.conv2dTranspose({ ...upwards, filters: 1, activation: "tanh" }),
    ],
  });
}

/** Pictures to one number: large for those that look made. */
function discriminatorOf(filters: number): tf.Sequential {
  const downwards = { kernelSize: 4, strides: 2, padding: "same" } as const;
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ ...downwards, inputShape: [28, 28, 1], filters }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.conv2d({ ...downwards, filters: 2 * filters }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ],
  });
}

const weightsOf = (model: tf.Sequential) =>
  model.trainableWeights.map((weight) => weight.read()) as tf.Variable[];

async function main(file = "out/digits.png", steps = "1000", filters = "32"): Promise<void> {
  setSeed(1);
  const [generator, discriminator] = [generatorOf, discriminatorOf].map((of) => of(+filters));
  const [makes, judges] = [generator!, discriminator!];
  const ofGenerator = optimizers.adam({ learningRate: 1e-3, beta1: 0.5 });
  const ofDiscriminator = optimizers.adam({ learningRate: 2e-4, beta1: 0.5 });
  const noise = () => tf.randomNormal([BATCH, LATENT]);
  const made = () => makes.apply(noise(), { training: true });
  const loss = (labels: tf.Tensor, pictures: tf.Tensor) =>
    tf.losses.sigmoidCrossEntropy(labels, judges.apply(pictures, { training: true })) as tf.Scalar;

  const step = compiled((real: tf.Tensor4D) => {
    const pictures = tf.concat([made(), real]);
    const labels = tf.concat([tf.ones([BATCH, 1]), tf.zeros([BATCH, 1])]);
    const judged = () =>
      loss(tf.add(labels, tf.mul(0.05, tf.randomUniform(labels.shape))), pictures);
    const fooled = () => loss(tf.zeros([BATCH, 1]), made());
    return {
      judging: ofDiscriminator.minimize(judged, true, weightsOf(judges))!,
      making: ofGenerator.minimize(fooled, true, weightsOf(makes))!,
    };
  });

  const [[images]] = await datasets.mnist.loadData();
  for (let i = 0; i < Number(steps); i++) {
    const from = (i * BATCH) % (images.shape[0] - BATCH);
    const batch = tf.tidy(() =>
      images.slice(from, BATCH).expandDims<tf.Tensor4D>(-1).div(127.5).sub(1),
    );
    const losses = await step(batch as tf.Tensor4D);
    if ((i + 1) % 100 === 0 || i + 1 === Number(steps)) {
      const [judging, making] = [losses.judging, losses.making].map((each) => each.dataSync()[0]!);
      console.log(`step ${i + 1}: judging ${judging!.toFixed(3)}, making ${making!.toFixed(3)}`);
    }
    tf.dispose([batch, losses.judging, losses.making]);
  }
  step.dispose();
  const pictures = tf.tidy(() => makes.apply(noise()).slice(0, 16).add(1).mul(127.5));
  await plot.images(pictures as tf.Tensor4D).toPng(file);
  console.log(`what it writes now: ${file}`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
