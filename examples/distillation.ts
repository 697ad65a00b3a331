/** A small network learns from what a large one thinks: `distillation.js [EPOCHS [DIGITS]]`. */
import { compiled, datasets, evaluate, fit, optimizers, setSeed, tf } from "convnets";

const [BATCH, TEMPERATURE, SHARE] = [64, 3, 0.5];

function networkOf(filters: number): tf.Sequential {
  const conv = { kernelSize: 3, strides: 2, padding: "same", activation: "relu" } as const;
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ ...conv, inputShape: [28, 28, 1], filters }),
      tf.layers.conv2d({ ...conv, filters: 2 * filters }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10 }),
    ],
  });
}

async function main(epochs = "2", digits = "60000"): Promise<void> {
  setSeed(1);
  const [[images, labels], [testImages, testLabels]] = await datasets.mnist.loadData();
  const pixels = (x: tf.Tensor) => tf.tidy(() => x.expandDims(-1).toFloat().div<tf.Tensor4D>(255));
  const oneHot = (y: tf.Tensor) => tf.oneHot(y.toInt(), 10);
  const count = Number(digits);
  const [x, y] = [pixels(images.slice(0, count)), labels.slice(0, count)];
  const test: [tf.Tensor, tf.Tensor] = [pixels(testImages), oneHot(testLabels)];

  const [teacher, student] = [networkOf(32), networkOf(4)];
  const loss = (truth: tf.Tensor, logits: tf.Tensor) =>
    tf.losses.softmaxCrossEntropy(truth, logits);
  for (const model of [teacher, student]) {
    model.compile({ optimizer: "adam", loss, metrics: ["categoricalAccuracy"] });
  }
  await fit(teacher, [x, oneHot(y)], { epochs: Number(epochs), batchSize: BATCH, verbose: 0 });

  const optimizer = optimizers.adam({ learningRate: 5e-3 });
  const weights = student.trainableWeights.map((weight) => weight.read()) as tf.Variable[];
  const step = compiled((pictures: tf.Tensor, truth: tf.Tensor) => {
    const thoughts = tf.softmax(tf.div(teacher.apply(pictures), TEMPERATURE));
    const total = () => {
      const logits = student.apply(pictures, { training: true });
      const hard = loss(oneHot(truth), logits);
      const soft = loss(thoughts, tf.div(logits, TEMPERATURE)).mul(TEMPERATURE ** 2);
      return tf.add(hard.mul(SHARE), soft.mul(1 - SHARE)) as tf.Scalar;
    };
    return optimizer.minimize(total, true, weights)!;
  });
  for (let i = 0; i < Number(epochs) * Math.floor(count / BATCH); i++) {
    const from = (i * BATCH) % (count - BATCH + 1);
    const batch = [x, y].map((each) => each.slice(from, BATCH)) as [tf.Tensor, tf.Tensor];
    tf.dispose([await step(...batch), batch]);
  }
  step.dispose();
  for (const [name, model] of Object.entries({ teacher, student })) {
    const [, accuracy] = await evaluate(model, test, { verbose: 0 });
    const size = model.countParams();
    console.log(`the ${name}, ${size} weights: ${(100 * accuracy!).toFixed(1)} % are right`);
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
