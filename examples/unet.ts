/** A U-Net says of each pixel which shape it belongs to: `unet.js [FILE [PICTURES [EPOCHS]]]`. */
import { evaluate, fit, metrics, optimizers, plot, predict, setSeed, tf } from "convnets";

/** Pixels on the side of a picture, shapes in it, and filters on each level of the network. */
const [SIDE, SHAPES, FILTERS] = [32, 3, [16, 32, 64]];
const CLASSES = ["background", "disc", "square", "triangle"];
/** The colours of classes in the figure. */
const PALETTE = [
  [40, 40, 40],
  [230, 90, 70],
  [90, 180, 90],
  [80, 130, 240],
];

/** Whether a point is within a disc, a square or a triangle around (0, 0). */
const COVERS = [
  (x: number, y: number) => x ** 2 + y ** 2 < 1,
  (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) < 0.9,
  (x: number, y: number) => y < 0.8 && y > 2 * Math.abs(x) - 1,
];

/** A shape of any kind, place, size and colour, of seven numbers in [0, 1). */
function shapeOf([kind, left, top, size, ...colour]: number[]) {
  const [index, radius] = [Math.floor(kind! * COVERS.length), SIDE * (0.14 + 0.1 * size!)];
  const covers = (x: number, y: number) =>
    COVERS[index]!((x - SIDE * left!) / radius, (y - SIDE * top!) / radius);
  return { class: index + 1, colour, covers };
}

/** Pictures of shapes in front of each other, with noise; and the class of each pixel. */
function draw(count: number): [pictures: tf.Tensor, masks: tf.Tensor] {
  const chances = tf.tidy(() => tf.randomUniform([count, SHAPES, 7]).arraySync()) as number[][][];
  const places = Array.from({ length: SIDE }, (_, place) => place);
  const pixels = chances.map((picture) => {
    const shapes = picture.map(shapeOf);
    return places.map((y) => places.map((x) => shapes.findLast(({ covers }) => covers(x, y))));
  });
  const numbersOf = <T>(number: (shape: (typeof pixels)[0][0][0]) => T) =>
    pixels.map((rows) => rows.map((row) => row.map(number)));
  const noise = () => tf.randomUniform([count, SIDE, SIDE, 3], 0, 0.3);
  const pictures = tf.tidy(() =>
    tf.tensor(numbersOf((shape) => shape?.colour ?? [0.2, 0.2, 0.2])).add(noise()),
  );
  const masks = tf.tensor(
    numbersOf((shape) => shape?.class ?? 0),
    undefined,
    "int32",
  );
  return [pictures, masks];
}

/** Two convolutions, each normalised. */
function convolve(x: tf.SymbolicTensor, filters: number): tf.SymbolicTensor {
  for (let i = 0; i < 2; i++) {
    const conv = { filters, kernelSize: 3, padding: "same", useBias: false } as const;
    const normalized = tf.layers
      .batchNormalization({ momentum: 0.9 })
      .apply(tf.layers.conv2d(conv).apply(x));
    x = tf.layers.activation({ activation: "relu" }).apply(normalized) as tf.SymbolicTensor;
  }
  return x;
}

/** Down for what is seen, up for where: each level upwards takes what its level downwards saw. */
export function network(): tf.LayersModel {
  const pictures = tf.input({ shape: [SIDE, SIDE, 3] });
  const seen: tf.SymbolicTensor[] = [];
  let x = pictures;
  for (const [level, filters] of FILTERS.entries()) {
    if (level > 0) x = tf.layers.maxPooling2d({ poolSize: 2 }).apply(x) as tf.SymbolicTensor;
    x = convolve(x, filters);
    seen.push(x);
  }
  for (const [level, filters] of [...FILTERS.entries()].slice(0, -1).reverse()) {
    const larger = tf.layers.conv2dTranspose({ filters, kernelSize: 2, strides: 2 }).apply(x);
    const both = tf.layers.concatenate().apply([larger as tf.SymbolicTensor, seen[level]!]);
    x = convolve(both as tf.SymbolicTensor, filters);
  }
  const classes = { filters: CLASSES.length, kernelSize: 1, activation: "softmax" } as const;
  const outputs = tf.layers.conv2d(classes).apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: pictures, outputs });
}

async function main(file = "out/masks.png", pictures = "2000", epochs = "10"): Promise<void> {
  setSeed(1);
  const [training, test] = [draw(Number(pictures)), draw(200)];
  const numClasses = CLASSES.length;
  const model = network();
  model.compile({
    optimizer: optimizers.adam({ learningRate: 3e-3 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: [
      metrics.meanIoU({ numClasses, sparseYPred: false, name: "mean" }),
      ...CLASSES.map((name, id) =>
        metrics.ioU({ numClasses, targetClassIds: [id], sparseYPred: false, name }),
      ),
    ],
  });
  const { history } = await fit(model, training, {
    epochs: Number(epochs),
    batchSize: 16,
    verbose: 0,
  });
  for (const [epoch, loss] of history.loss!.entries()) {
    const mean = history.mean![epoch]!.toFixed(3);
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}, mean IoU ${mean}`);
  }
  const measured = await evaluate(model, test, { verbose: 0 });
  const shares = ["mean", ...CLASSES].map((name) => `${name} ${measured[name]!.toFixed(3)}`);
  console.log(`IoU of 200 other pictures: ${shares.join(", ")}`);

  const [shown, masks] = test.map((all) => all.slice(0, 6)) as [tf.Tensor4D, tf.Tensor3D];
  const guesses = (await predict(model, shown, { verbose: 0 })).argMax(-1);
  const painted = [masks, guesses].map((mask) => tf.gather(tf.tensor2d(PALETTE), mask.toInt()));
  const rows = tf.concat([shown.mul(255 / 1.3), ...painted] as tf.Tensor4D[]);
  const title = "pictures, their masks, and the masks that the network gives them";
  await plot.images(rows, { columns: 6, title, range: [0, 255] }).toPng(file);
}

if (require.main === module) {
  main(...process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
