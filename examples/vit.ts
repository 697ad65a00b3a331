/** A vision transformer, from scratch, reads digits: `vit.js [FILE [DIGITS [EPOCHS]]]`. */
import {
  datasets,
  evaluate,
  fit,
  layers,
  loadModel,
  optimizers,
  saveModel,
  setSeed,
  tf,
} from "convnets";

/** Pixels on the side of a picture and of a patch, and how large the network is. */
const [SIDE, PATCH, FEATURES, HEADS, BLOCKS] = [28, 7, 48, 4, 3];
const ROW = SIDE / PATCH;

/** Makes of a picture a sequence of patches: rows of patches, patches of rows. */
function patchesOf(pictures: tf.SymbolicTensor): tf.SymbolicTensor {
  const apart = tf.layers.reshape({ targetShape: [ROW, PATCH, ROW, PATCH] }).apply(pictures);
  const together = tf.layers.permute({ dims: [1, 3, 2, 4] }).apply(apart);
  return tf.layers.reshape({ targetShape: [ROW * ROW, PATCH * PATCH] }).apply(together);
}

/** Projects patches; the bias is one for each place, so that it is the position's embedding, too. */
function encodedWithPlaces(patches: tf.SymbolicTensor): tf.SymbolicTensor {
  const encoder = layers.einsumDense({
    equation: "bpx,xf->bpf",
    outputShape: [ROW * ROW, FEATURES],
    biasAxes: "pf",
    biasInitializer: tf.initializers.randomNormal({ stddev: 0.02 }),
  });
  return encoder.apply(patches);
}

/** Dense layers with dropout, as the transformer has them after attention and at its end. */
function perceptron(x: tf.SymbolicTensor, ...sizes: number[]): tf.SymbolicTensor {
  return sizes.reduce((y, units) => {
    const dense = tf.layers.dense({ units, activation: "gelu" }).apply(y);
    return layers.dropout({ rate: 0.1 }).apply(dense);
  }, x);
}

/** Patches look at each other, then each thinks for itself. */
function block(x: tf.SymbolicTensor): tf.SymbolicTensor {
  const normalized = layers.layerNormalization({ epsilon: 1e-6 }).apply(x);
  const attention = layers.multiHeadAttention({
    numHeads: HEADS,
    keyDim: FEATURES / HEADS,
    dropout: 0.1,
  });
  const looked = tf.layers.add().apply([attention.apply([normalized, normalized]), x]);
  const again = layers.layerNormalization({ epsilon: 1e-6 }).apply(looked);
  return tf.layers.add().apply([perceptron(again, 2 * FEATURES, FEATURES), looked]);
}

function transformer(): tf.LayersModel {
  const pictures = tf.input({ shape: [SIDE, SIDE] });
  let x = encodedWithPlaces(patchesOf(pictures));
  for (let i = 0; i < BLOCKS; i++) x = block(x);
  const seen = layers.layerNormalization({ epsilon: 1e-6 }).apply(x);
  const known = perceptron(tf.layers.flatten().apply(seen) as tf.SymbolicTensor, 64);
  const classes = tf.layers.dense({ units: 10, activation: "softmax" }).apply(known);
  return tf.model({ inputs: pictures, outputs: classes as tf.SymbolicTensor });
}

async function main(file = "out/vit.keras", digits = "60000", epochs = "3"): Promise<void> {
  setSeed(1);
  const [[images, labels], [testImages, testLabels]] = await datasets.mnist.loadData();
  const pixels = (x: tf.Tensor) => tf.tidy(() => x.toFloat().div<tf.Tensor3D>(255));
  const count = Number(digits);
  const [x, y] = [pixels(images.slice(0, count)), labels.slice(0, count)];
  const model = transformer();
  model.compile({
    optimizer: optimizers.adamW({ learningRate: 1e-3, weightDecay: 1e-4 }),
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
  await saveModel(model, file);
  const read = await loadModel(file);
  const [, accuracy] = await evaluate(read, [pixels(testImages), testLabels], { verbose: 0 });
  console.log(`${file}: ${(100 * accuracy!).toFixed(1)} % of 10000 test digits are right`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
