/** Dark pictures become bright, and no bright ones are needed to learn it: `zero-dce.js [FILE [PICTURES [STEPS]]]`. */
import {
  compiled,
  datasets,
  imageDatasetFromDirectory,
  optimizers,
  plot,
  setSeed,
  tf,
} from "convnets";

/** Pixels on a picture's side, pictures in a step, curves behind one another, and how bright a place should be. */
const [SIDE, BATCH, CURVES, BRIGHTNESS] = [64, 8, 8, 0.5];

/** Of each pixel and colour, how far each curve bends, in (-1, 1). */
function network(): tf.LayersModel {
  const pictures = tf.input({ shape: [null, null, 3] });
  const conv = (filters: number, activation: "relu" | "tanh" = "relu") =>
    tf.layers.conv2d({ filters, kernelSize: 3, padding: "same", activation });
  const first = conv(16).apply(pictures) as tf.SymbolicTensor;
  const second = conv(16).apply(first) as tf.SymbolicTensor;
  const third = conv(16).apply(second) as tf.SymbolicTensor;
  const all = tf.layers.concatenate().apply([first, second, third]);
  const bends = conv(3 * CURVES, "tanh").apply(all) as tf.SymbolicTensor;
  return tf.model({ inputs: pictures, outputs: bends });
}

/** Bends colours along curves that keep black and white: x + a · (x² - x), again and again. */
function brightened(pictures: tf.Tensor, bends: tf.Tensor): tf.Tensor {
  return tf
    .split(bends, CURVES, 3)
    .reduce((x, bend) => tf.add(x, tf.mul(bend, tf.sub(tf.square(x), x))), pictures);
}

/** Differences of each place to its lower and its right neighbour. */
function slopes(x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const [, rows, columns] = x.shape as [number, number, number];
  const part = (y: number, left: number) =>
    tf.slice(x, [0, y, left, 0], [-1, rows - 1, columns - 1, -1]);
  return [tf.sub(part(1, 0), part(0, 0)), tf.sub(part(0, 1), part(0, 0))];
}

const meanSquare = (x: tf.Tensor) => tf.mean(tf.square(x)) as tf.Scalar;
/** Mean brightness of squares of so many pixels. */
const places = (x: tf.Tensor, size: number) =>
  tf.avgPool(tf.mean(x, 3, true) as tf.Tensor4D, size, size, "valid");

/** What makes a picture good, without a look at another one. */
function lossesOf(dark: tf.Tensor, bright: tf.Tensor, bends: tf.Tensor): tf.Tensor[] {
  const exposure = meanSquare(tf.sub(places(bright, 16), BRIGHTNESS));
  // No colour is brighter than another, on average over a picture.
  const colours = tf.mean(bright, [1, 2]);
  const colour = meanSquare(tf.sub(colours, tf.mean(colours, 1, true)));
  const contrasts = [dark, bright].map((x) => slopes(places(x, 4)).map(tf.abs));
  const contrast = contrasts[0]!.map((was, i) => meanSquare(tf.sub(contrasts[1]![i]!, was)));
  const smooth = slopes(bends).map(meanSquare);
  return [
    tf.mul(10, exposure),
    tf.mul(5, colour),
    ...contrast,
    ...smooth.map((each) => tf.mul(200, each)),
  ];
}

/** Drawn cats and dogs. */
async function load(count: number): Promise<tf.Tensor4D> {
  const { folder } = await datasets.dogsVsCats.prepare({
    source: "drawn",
    into: "out/drawings",
    counts: { train: count, validation: 0, test: 0 },
    verbose: 0,
  });
  const options = { labels: null, imageSize: SIDE, batchSize: 2 * count, seed: 1 } as const;
  const pictures = await imageDatasetFromDirectory(folder, { ...options, verbose: 0 });
  const [bytes] = await pictures.toArray();
  return bytes!.div<tf.Tensor4D>(255);
}

async function main(file = "out/bright.png", count = "200", steps = "600"): Promise<void> {
  setSeed(1);
  const truth = await load(Number(count));
  const dark = tf.tidy(() => truth.pow(1.5).mul<tf.Tensor4D>(0.3));
  const model = network();
  const weights = model.trainableWeights.map((weight) => weight.read()) as tf.Variable[];
  const optimizer = optimizers.adam({ learningRate: 2e-3 });
  const step = compiled((pictures: tf.Tensor4D) => {
    const loss = () => {
      const bends = model.apply(pictures, { training: true }) as tf.Tensor;
      return tf.addN(lossesOf(pictures, brightened(pictures, bends), bends)) as tf.Scalar;
    };
    return optimizer.minimize(loss, true, weights)!;
  });
  for (let i = 0; i < Number(steps); i++) {
    const from = (i * BATCH) % (dark.shape[0] - BATCH + 1);
    const batch = dark.slice(from, BATCH);
    const loss = await step(batch);
    if (i === 0 || (i + 1) % 20 === 0) {
      console.log(`step ${i + 1}: loss ${loss.dataSync()[0]!.toFixed(4)}`);
    }
    tf.dispose([batch, loss]);
  }
  step.dispose();

  const [shown, real] = [dark.slice(0, 5), truth.slice(0, 5)];
  const made = brightened(shown, model.apply(shown) as tf.Tensor);
  for (const [name, pictures] of Object.entries({ dark: shown, brightened: made, real })) {
    const [mean] = pictures.mean().dataSync();
    const error = tf.sub(pictures, real).abs().mean().dataSync()[0]!;
    console.log(`${name}: ${mean!.toFixed(2)} bright, ${error.toFixed(2)} from the real ones`);
  }
  const title = "dark pictures, what the network makes of them, and what they were";
  const rows = tf.concat([shown, made, real] as tf.Tensor4D[]);
  await plot.images(rows, { columns: 5, title, size: 120, range: [0, 1] }).toPng(file);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
