/** Which pixels make a network see a digit: `integrated-gradients.js [FILE [DIGITS]]`. */
import { compiled, datasets, fit, plot, setSeed, tf } from "convnets";

/** Points on the way from a black picture to the digit. */
const POINTS = 50;

async function main(file = "out/pixels.png", digits = "20000"): Promise<void> {
  setSeed(1);
  const [[images, labels], [testImages, testLabels]] = await datasets.mnist.loadData();
  const pixels = (x: tf.Tensor) => tf.tidy(() => x.expandDims(-1).toFloat().div<tf.Tensor4D>(255));
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  const count = Number(digits);
  await fit(model, [pixels(images.slice(0, count)), labels.slice(0, count)], { verbose: 0 });

  // The gradients at all points are one batch; their mean by the trapezoid rule, times the way.
  const attribute = compiled((picture: tf.Tensor4D, digit: tf.Tensor1D) => {
    const wanted = tf.oneHot(digit, 10);
    const shares = tf.linspace(0, 1, POINTS + 1).reshape([-1, 1, 1, 1]);
    const score = (x: tf.Tensor) => tf.sum(tf.mul(model.apply(x), wanted));
    const gradients = tf.grad(score)(tf.mul(shares, picture));
    const means = tf.add(gradients.slice(0, POINTS), gradients.slice(1, POINTS)).div(2).mean(0);
    const rise = tf.sub(score(picture), score(tf.zerosLike(picture)));
    return { map: tf.mul(means, picture), rise };
  });

  const pictures: tf.Tensor[] = [];
  for (let i = 0; i < 4; i++) {
    const { map, rise } = await attribute(pixels(testImages.slice(i, 1)), testLabels.slice(i, 1));
    const [sum, expected] = [map.sum().dataSync()[0]!, rise.dataSync()[0]!];
    const digit = testLabels.dataSync()[i];
    console.log(
      `${digit}: attributions ${sum.toFixed(3)}, the score rises by ${expected.toFixed(3)}`,
    );
    // What speaks for the digit is bright, what speaks against it dark.
    pictures.push(
      map
        .div(tf.max(tf.abs(map)))
        .add(1)
        .mul(127.5),
    );
  }
  attribute.dispose();
  await plot.images(tf.concat(pictures) as tf.Tensor4D, { size: 160 }).toPng(file);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
