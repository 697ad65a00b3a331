/** An encoder learns which digits are alike, a layer on top of it which they are: `contrastive.js [DIGITS [EPOCHS]]`. */
import { datasets, evaluate, fit, predict, setSeed, tf } from "convnets";

/** How sharply likenesses are told apart: they are divided by it. */
const TEMPERATURE = 0.1;

/** Pictures to features. */
function encoderOf(): tf.Sequential {
  const conv = { kernelSize: 3, strides: 2, padding: "same", activation: "relu" } as const;
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ ...conv, inputShape: [28, 28, 1], filters: 16 }),
      tf.layers.conv2d({ ...conv, filters: 32 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 64, activation: "relu" }),
    ],
  });
}

/** The cosine of the angle between each two rows. */
function likenesses(rows: tf.Tensor): tf.Tensor2D {
  const lengths = tf.norm(rows, "euclidean", 1, true);
  const directions = tf.div<tf.Tensor2D>(rows, tf.maximum(lengths, 1e-6));
  return tf.matMul(directions, directions, false, true);
}

/** 1 where two different rows are of one class. */
function pairsOf(classes: tf.Tensor): tf.Tensor2D {
  const column = tf.reshape(classes, [-1, 1]);
  const isSame = tf.equal(column, tf.transpose(column)).toFloat();
  return tf.sub(isSame, tf.eye(classes.size));
}

/**
 * How hard it is to find the others of a picture's class among all others of its batch: supervised contrastive loss.
 *
 * @see https://arxiv.org/abs/2004.11362
 */
function contrastiveLoss(classes: tf.Tensor, projections: tf.Tensor): tf.Tensor {
  const scores = tf.div(likenesses(projections), TEMPERATURE);
  const others = tf.sub(scores, tf.mul(tf.eye(classes.size), 1e9));
  const chances = tf.sub(scores, tf.logSumExp(others, 1, true));
  const pairs = pairsOf(classes);
  const sums = tf.sum(tf.mul(pairs, chances), 1);
  return tf.neg(tf.div(sums, tf.maximum(tf.sum(pairs, 1), 1)));
}

async function main(digits = "20000", epochs = "5"): Promise<void> {
  setSeed(1);
  const [[images, labels], [testImages, testLabels]] = await datasets.mnist.loadData();
  const pixels = (x: tf.Tensor) => tf.tidy(() => x.expandDims(-1).toFloat().div<tf.Tensor4D>(255));
  const count = Number(digits);
  const [x, y] = [pixels(images.slice(0, count)), labels.slice(0, count)];
  const test: [tf.Tensor4D, tf.Tensor] = [pixels(testImages), testLabels];

  // What is compared is a projection of the features, which is left out afterwards.
  const encoders = { untrained: encoderOf(), contrastive: encoderOf() };
  const projection = tf.sequential({
    layers: [encoders.contrastive, tf.layers.dense({ units: 32 })],
  });
  projection.compile({ optimizer: "adam", loss: contrastiveLoss });
  const settings = { epochs: Number(epochs), verbose: 0 } as const;
  const { history } = await fit(projection, [x, y], { ...settings, batchSize: 100 });
  for (const [epoch, loss] of history.loss!.entries()) {
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}`);
  }

  const pairs = pairsOf(testLabels.slice(0, 1000));
  const others = tf.sub(1, tf.add(pairs, tf.eye(1000)));
  for (const [name, encoder] of Object.entries(encoders)) {
    const alike = likenesses(await predict(encoder, test[0].slice(0, 1000), { verbose: 0 }));
    const [within, between] = [pairs, others].map((which) => {
      const mean = tf.div(tf.sum(tf.mul(alike, which)), tf.sum(which));
      return mean.dataSync()[0]!.toFixed(2);
    });
    encoder.trainable = false;
    const classes = tf.layers.dense({ units: 10, activation: "softmax" });
    const model = tf.sequential({ layers: [encoder, classes] });
    const loss = "sparseCategoricalCrossentropy";
    model.compile({ optimizer: "adam", loss, metrics: ["accuracy"] });
    await fit(model, [x, y], settings);
    const [, accuracy] = await evaluate(model, test, { verbose: 0 });
    const right = `${(100 * accuracy!).toFixed(1)} % are right`;
    console.log(`${name}: likeness ${within} within classes, ${between} between; ${right}`);
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
