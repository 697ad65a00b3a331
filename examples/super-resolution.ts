/** Pictures get nine pixels for each of theirs, by sub-pixel convolution: `super-resolution.js [FILE [PICTURES [EPOCHS]]]`. */
import {
  datasets,
  evaluate,
  fit,
  imageDatasetFromDirectory,
  layers,
  optimizers,
  plot,
  predict,
  setSeed,
  tf,
} from "convnets";

/** How many times as high and wide, and pixels on the side of a large picture. */
const [FACTOR, SIDE] = [3, 72];

/** Channels become pixels: of FACTOR² × 3 numbers, a square with three colours. */
class PixelShuffle extends tf.layers.Layer {
  static readonly className = "PixelShuffle";

  override computeOutputShape([batch, height, width]: tf.Shape): tf.Shape {
    const [rows, columns] = [height, width].map((size) => (size ? size * FACTOR : null));
    return [batch!, rows!, columns!, 3];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [channels] = [inputs].flat() as tf.Tensor4D[];
    return tf.depthToSpace(channels!, FACTOR);
  }
}

/** All is computed on the small picture; what the network adds to a bicubic enlargement is nothing at first. */
export function network(): tf.LayersModel {
  const small = tf.input({ shape: [null, null, 3] });
  const conv = { kernelSize: 3, padding: "same", activation: "relu" } as const;
  let x = tf.layers.conv2d({ ...conv, kernelSize: 5, filters: 32 }).apply(small);
  x = tf.layers.conv2d({ ...conv, filters: 32 }).apply(x);
  const depth = { filters: FACTOR ** 2 * 3, activation: "linear" } as const;
  x = tf.layers.conv2d({ ...conv, ...depth, kernelInitializer: "zeros" }).apply(x);
  const details = new PixelShuffle({}).apply(x) as tf.SymbolicTensor;
  const enlarged = layers.upSampling2d({ size: FACTOR, interpolation: "bicubic" }).apply(small);
  const outputs = tf.layers.add().apply([enlarged, details]) as tf.SymbolicTensor;
  return tf.model({ inputs: small, outputs });
}

/** The peak signal-to-noise ratio of each picture, in decibels. */
function psnr(truth: tf.Tensor, made: tf.Tensor): tf.Tensor {
  const errors = tf.mean(tf.square(tf.sub(truth, made)), [1, 2, 3]);
  return tf.mul(tf.log(errors), -10 / Math.LN10);
}

/** Draws cats and dogs, and gives large pictures and small ones to train with, and others. */
async function pictures(count: number): Promise<[tf.Tensor4D, tf.Tensor4D][]> {
  const { folder } = await datasets.dogsVsCats.prepare({
    source: "drawn",
    into: "out/drawings",
    counts: { train: count, validation: 0, test: 0 },
    verbose: 0,
  });
  const parts = await imageDatasetFromDirectory(folder, {
    labels: null,
    imageSize: SIDE,
    cropToAspectRatio: true,
    batchSize: 2 * count,
    validationSplit: 0.2,
    subset: "both",
    seed: 1,
    verbose: 0,
  });
  return Promise.all(
    parts.map(async (part) => {
      const [bytes] = await part.toArray();
      const large = bytes!.div<tf.Tensor4D>(255);
      return [tf.avgPool(large, FACTOR, FACTOR, "valid"), large];
    }),
  );
}

async function main(file = "out/larger.png", count = "200", epochs = "30"): Promise<void> {
  setSeed(1);
  const [training, others] = await pictures(Number(count));
  const model = network();
  model.compile({
    optimizer: optimizers.adam({ learningRate: 2e-3 }),
    loss: "meanSquaredError",
    metrics: [psnr],
  });
  const before = await evaluate(model, others!, { verbose: 0 });
  console.log(`bicubic: ${before.psnr!.toFixed(2)} dB`);
  const { history } = await fit(model, training!, {
    epochs: Number(epochs),
    batchSize: 8,
    validationData: others!,
    verbose: 0,
  });
  for (const [epoch, decibels] of history.val_psnr!.entries()) {
    console.log(`epoch ${epoch + 1}: ${decibels.toFixed(2)} dB`);
  }

  const [small, large] = others!.map((all) => all.slice(0, 4)) as [tf.Tensor4D, tf.Tensor4D];
  const blocks = tf.image.resizeNearestNeighbor(small, [SIDE, SIDE]);
  const made = await predict(model, small, { verbose: 0 });
  const rows = tf.concat([blocks, made, large]).clipByValue(0, 1) as tf.Tensor4D;
  const title = "small pictures, what the network makes of them, and the large ones";
  await plot.images(rows, { columns: 4, title, size: 144 }).toPng(file);
}

if (require.main === module) {
  main(...process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
