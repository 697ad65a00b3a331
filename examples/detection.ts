/** Where is the digit, and which one? Two heads on one network: `detection.js [FILE [PICTURES [EPOCHS]]]`. */
import { datasets, evaluate, fit, losses, optimizers, plot, predict, setSeed, tf } from "convnets";

/** Pixels on the side of a picture, and of what MNIST leaves free around a digit, as a share. */
const [SIDE, MARGIN] = [64, 4 / 28];

interface Scenes {
  /** `[count, SIDE, SIDE, 1]` float32 in [0, 1]. */
  pictures: tf.Tensor4D;
  /** `[count, 4]`: top, left, bottom and right in [0, 1]. */
  box: tf.Tensor2D;
  /** `[count]` int32. */
  digit: tf.Tensor;
}

/** Puts each digit somewhere, in some size, and noise behind it. */
function scenesOf(images: tf.Tensor, digit: tf.Tensor): Scenes {
  const count = images.shape[0]!;
  const [pictures, box] = tf.tidy(() => {
    const size = tf.randomUniform([count, 1], 0.3, 0.7);
    const corner = tf.randomUniform([count, 2]).mul(tf.sub(1, size));
    // The picture, as the digit sees it, reaches beyond the digit on all sides: there it is black.
    const around = tf.concat([tf.neg(corner), tf.sub(1, corner)], 1).div<tf.Tensor2D>(size);
    const which = tf.range(0, count, 1, "int32");
    const pixels = images.expandDims<tf.Tensor4D>(-1).toFloat().div<tf.Tensor4D>(255);
    const placed = tf.image.cropAndResize(pixels, around, which, [SIDE, SIDE]);
    const margin = tf.mul(size, MARGIN);
    const box = [corner.add(margin), corner.add(size).sub(margin)];
    return [
      tf.maximum<tf.Tensor4D>(placed, tf.randomUniform(placed.shape, 0, 0.5)),
      tf.concat(box, 1) as tf.Tensor2D,
    ];
  });
  return { pictures, box, digit };
}

/** One network sees; one head says where, one what. */
function network(): tf.LayersModel {
  const pictures = tf.input({ shape: [SIDE, SIDE, 1] });
  let x = pictures;
  for (const filters of [8, 16, 32, 64]) {
    const conv = { filters, kernelSize: 3, padding: "same", activation: "relu" } as const;
    const seen = tf.layers.maxPooling2d({ poolSize: 2 }).apply(tf.layers.conv2d(conv).apply(x));
    x = tf.layers.batchNormalization({ momentum: 0.9 }).apply(seen) as tf.SymbolicTensor;
  }
  const flat = tf.layers.flatten().apply(x);
  const known = tf.layers.dense({ units: 64, activation: "relu" }).apply(flat);
  const box = tf.layers.dense({ name: "box", units: 4, activation: "sigmoid" }).apply(known);
  const digit = tf.layers.dense({ name: "digit", units: 10, activation: "softmax" }).apply(known);
  return tf.model({ inputs: pictures, outputs: [box, digit] as tf.SymbolicTensor[] });
}

/** Of each two boxes the area that they share, divided by the area that they cover together. */
function iou(truth: tf.Tensor, guess: tf.Tensor): tf.Tensor {
  const area = (from: tf.Tensor, to: tf.Tensor) => tf.prod(tf.relu(tf.sub(to, from)), 1);
  const [[from, to], [otherFrom, otherTo]] = [truth, guess].map((box) => tf.split(box, 2, 1)) as [
    [tf.Tensor, tf.Tensor],
    [tf.Tensor, tf.Tensor],
  ];
  const shared = area(tf.maximum(from, otherFrom), tf.minimum(to, otherTo));
  const covered = tf.sub(tf.add(area(from, to), area(otherFrom, otherTo)), shared);
  return tf.div(shared, tf.maximum(covered, 1e-6));
}

/** Overlap is what counts; distance leads there while boxes don't overlap. */
function boxLoss(truth: tf.Tensor, guess: tf.Tensor): tf.Tensor {
  const distance = tf.mean(tf.abs(tf.sub(truth, guess)), 1);
  return tf.add(distance, tf.sub(1, iou(truth, guess)));
}

/** Pictures in colours, with the true box in green and the found one in red. */
function drawn(pictures: tf.Tensor4D, boxes: tf.Tensor2D[]): tf.Tensor4D {
  const places = tf.range(0, SIDE).add(0.5).div(SIDE);
  const outlines = boxes.map((box) => {
    const [top, left, bottom, right] = tf.split(box.reshape([-1, 4, 1, 1]), 4, 1);
    const distances = (from: tf.Tensor, to: tf.Tensor, axis: tf.Tensor) =>
      tf.minimum(tf.sub(axis, from), tf.sub(to, axis));
    const [rows, columns] = [places.reshape([1, 1, SIDE, 1]), places.reshape([1, 1, 1, SIDE])];
    const depth = tf.minimum(distances(top!, bottom!, rows), distances(left!, right!, columns));
    const isEdge = tf.logicalAnd(tf.greater(depth, 0), tf.less(depth, 1.2 / SIDE));
    return isEdge.toFloat().reshape([-1, SIDE, SIDE, 1]);
  });
  const [green, red] = outlines as [tf.Tensor, tf.Tensor];
  const gray = pictures.mul(tf.sub(1, tf.maximum(green, red)));
  return tf.concat([gray.add(red), gray.add(green), gray], 3) as tf.Tensor4D;
}

async function main(file = "out/boxes.png", pictures = "20000", epochs = "5"): Promise<void> {
  setSeed(1);
  const [[images, digits], [testImages, testDigits]] = await datasets.mnist.loadData();
  const count = Number(pictures);
  const training = scenesOf(images.slice(0, count), digits.slice(0, count));
  const test = scenesOf(testImages.slice(0, 1000), testDigits.slice(0, 1000));
  const model = network();
  model.compile({
    optimizer: optimizers.adam({ learningRate: 2e-3 }),
    loss: { box: boxLoss, digit: losses.sparseCategoricalCrossentropy() },
    metrics: { box: iou, digit: "accuracy" },
  });
  const dataOf = ({ pictures: x, ...y }: Scenes): [tf.Tensor, tf.NamedTensorMap] => [x, y];
  const { history } = await fit(model, dataOf(training), {
    epochs: Number(epochs),
    batchSize: 32,
    verbose: 0,
  });
  for (const [epoch, loss] of history.loss!.entries()) {
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}`);
  }
  const { box_iou, digit_accuracy } = await evaluate(model, dataOf(test), { verbose: 0 });
  const right = (100 * digit_accuracy!).toFixed(1);
  console.log(`1000 others: mean IoU of boxes ${box_iou!.toFixed(3)}, ${right} % are right`);

  const shown = test.pictures.slice(0, 12);
  const [boxes, classes] = await predict<tf.Tensor[]>(model, shown, { verbose: 0 });
  const labels = test.digit.slice(0, 12);
  const predictions = tf.argMax(classes!, 1);
  const found = drawn(shown, [test.box.slice(0, 12), boxes as tf.Tensor2D]);
  await plot.images(found, { columns: 6, size: 120, labels, predictions }).toPng(file);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
