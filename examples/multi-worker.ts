/**
 * Trains one model in several processes, each on its part of every batch:
 * `npm run workers -- 2 examples/multi-worker.ts [FOLDER [DIGITS [EPOCHS]]]`.
 *
 * On several machines the same script is started on each, with TF_CONFIG: docs/distributed.md. Started again after one of
 * them was lost, it goes on where it was.
 */
import {
  callbacks,
  datasets,
  evaluate,
  fit,
  multiWorkerMirrored,
  saveModel,
  setSeed,
  tf,
} from "convnets";

async function main(folder = "../out/multi-worker", digits = "60000", epochs = "3"): Promise<void> {
  const strategy = multiWorkerMirrored(); // TF_CONFIG says who the others are
  setSeed(1);
  const [[images, labels], [testImages, testLabels]] = await datasets.mnist.loadData();
  const pixels = (x: tf.Tensor) => tf.tidy(() => x.expandDims(-1).toFloat().div(255));
  const count = Number(digits);

  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  const loss = "sparseCategoricalCrossentropy";
  model.compile({ optimizer: "rmsprop", loss, metrics: ["accuracy"] });

  // Of all workers together; each takes its share.
  await fit(model, [pixels(images.slice(0, count)), labels.slice(0, count)], {
    batchSize: 128,
    epochs: Number(epochs),
    strategy,
    callbacks: [callbacks.backupAndRestore({ backupDir: `${folder}/backup` })],
  });
  const test: [tf.Tensor, tf.Tensor] = [pixels(testImages), testLabels];
  const [, accuracy] = await evaluate(model, test, { verbose: 0, strategy });

  // The weights are the same everywhere; one of them is enough.
  if (!strategy.isChief) return;
  await saveModel(model, `${folder}/digits.keras`);
  const percent = (100 * accuracy!).toFixed(1);
  console.log(`${strategy.size} workers: ${percent} % of ${testLabels.size} test digits are right`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
