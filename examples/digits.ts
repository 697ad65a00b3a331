/** Trains a small convnet on MNIST, keeps it as a Keras file, and reads it back: `digits.js [FILE [DIGITS]]`. */
import { datasets, evaluate, fit, loadModel, saveModel, setSeed, tf } from "convnets";

async function main(file = "out/digits.keras", digits = "60000"): Promise<void> {
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
  await fit(model, [pixels(images.slice(0, count)), labels.slice(0, count)], { batchSize: 64 });
  await saveModel(model, file);

  const loaded = await loadModel(file);
  const test: [tf.Tensor, tf.Tensor] = [pixels(testImages), testLabels];
  const [, accuracy] = await evaluate(loaded, test, { verbose: 0 });
  const percent = (100 * accuracy!).toFixed(1);
  console.log(`${file}: ${percent} % of ${testLabels.size} test digits are right`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
