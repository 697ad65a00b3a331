/** ConvMixer, from scratch, reads digits: `convmixer.js [DIGITS [EPOCHS [FILTERS]]]`. */
import { datasets, evaluate, fit, optimizers, setSeed, tf } from "convnets";

const [PATCH, KERNEL, BLOCKS] = [4, 5, 3];

/** What follows each convolution. */
function activated(x: tf.SymbolicTensor): tf.SymbolicTensor {
  const bent = tf.layers.activation({ activation: "gelu" }).apply(x);
  return tf.layers.batchNormalization({ momentum: 0.9 }).apply(bent);
}

/** Mixes places, each channel by itself, then channels, each place by itself. */
function block(x: tf.SymbolicTensor, filters: number): tf.SymbolicTensor {
  const places = tf.layers.depthwiseConv2d({ kernelSize: KERNEL, padding: "same" }).apply(x);
  const mixed = tf.layers.add().apply([activated(places), x]);
  return activated(tf.layers.conv2d({ filters, kernelSize: 1 }).apply(mixed));
}

function mixer(filters: number): tf.LayersModel {
  const pictures = tf.input({ shape: [28, 28, 1] });
  const patches = tf.layers.conv2d({ filters, kernelSize: PATCH, strides: PATCH }).apply(pictures);
  let x = activated(patches);
  for (let i = 0; i < BLOCKS; i++) x = block(x, filters);
  const seen = tf.layers.globalAveragePooling2d({}).apply(x);
  const classes = tf.layers.dense({ units: 10, activation: "softmax" }).apply(seen);
  return tf.model({ inputs: pictures, outputs: classes });
}

async function main(digits = "60000", epochs = "3", filters = "64"): Promise<void> {
  setSeed(1);
  const [[images, labels], [testImages, testLabels]] = await datasets.mnist.loadData();
  const pixels = (x: tf.Tensor) => tf.tidy(() => x.expandDims(-1).toFloat().div<tf.Tensor4D>(255));
  const count = Number(digits);
  const [x, y] = [pixels(images.slice(0, count)), labels.slice(0, count)];
  const model = mixer(Number(filters));
  model.compile({
    optimizer: optimizers.adamW({ learningRate: 3e-3, weightDecay: 1e-4 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const { history } = await fit(model, [x, y], {
    epochs: Number(epochs),
    batchSize: 64,
    verbose: 0,
  });
  for (const [epoch, loss] of history.loss!.entries()) {
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}`);
  }
  const [, accuracy] = await evaluate(model, [pixels(testImages), testLabels], { verbose: 0 });
  console.log(`${(100 * accuracy!).toFixed(1)} % of 10000 test digits are right`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
