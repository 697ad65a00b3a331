/** Numbers of unknown length are read with CTC, which needs no places of digits: `captcha.js [FILE [PICTURES [EPOCHS]]]`. */
import { ctcDecode, datasets, fit, losses, optimizers, plot, predict, setSeed, tf } from "convnets";

/** Pixels of a picture, of a digit's side, and how many digits there are at most. */
const [HEIGHT, WIDTH, SIDE, MOST] = [28, 112, 28, 5];

interface Captchas {
  /** `[count, HEIGHT, WIDTH, 1]` float32 in [0, 1]. */
  pictures: tf.Tensor4D;
  /** `[count, MOST]` int32: digits from 1 on, since 0 is CTC's blank, and fills up what is shorter. */
  labels: tf.Tensor2D;
}

/** Writes three to five digits beside each other, now closer, now further apart, on noise. */
function write(count: number, [images, digits]: [tf.Tensor, tf.Tensor]): Captchas {
  const [pixels, classes] = [images.dataSync(), digits.dataSync()];
  const canvas = new Float32Array(count * HEIGHT * WIDTH);
  const labels = new Int32Array(count * MOST);
  const chances = tf.tidy(() => tf.randomUniform([count, 2 * MOST + 1]).arraySync()) as number[][];
  for (const [i, [length, ...picks]] of chances.entries()) {
    for (let k = 0, left = 0; k < 3 + Math.floor(3 * length!); k++) {
      const digit = Math.floor(picks[2 * k]! * classes.length);
      labels[i * MOST + k] = classes[digit]! + 1;
      for (let at = 0; at < SIDE ** 2; at++) {
        const [y, x] = [Math.floor(at / SIDE), left + (at % SIDE)];
        const place = (i * HEIGHT + y) * WIDTH + x;
        canvas[place] = Math.max(canvas[place]!, pixels[digit * SIDE ** 2 + at]! / 255);
      }
      left += 16 + Math.floor(6 * picks[2 * k + 1]!);
    }
  }
  const pictures = tf.tidy(() => {
    const clean = tf.tensor4d(canvas, [count, HEIGHT, WIDTH, 1]);
    return tf.maximum<tf.Tensor4D>(clean, tf.randomUniform(clean.shape, 0, 0.5));
  });
  return { pictures, labels: tf.tensor2d(labels, [count, MOST]) };
}

/** Makes pictures a sequence of columns, and says of each column which digit it belongs to, or none. */
export function network(): tf.Sequential {
  const conv = { kernelSize: 3, padding: "same", activation: "relu" } as const;
  return tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [HEIGHT, WIDTH, 1] }),
      ...[16, 32].flatMap((filters) => [
        tf.layers.conv2d({ ...conv, filters }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.batchNormalization({ momentum: 0.9 }),
      ]),
      tf.layers.permute({ dims: [2, 1, 3] }),
      tf.layers.reshape({ targetShape: [WIDTH / 4, (HEIGHT / 4) * 32] }),
      // A column sees its neighbours, as far as a digit is wide.
      tf.layers.conv1d({ ...conv, kernelSize: 5, filters: 64 }),
      tf.layers.conv1d({ ...conv, filters: 64 }),
      tf.layers.dense({ units: 11 }),
    ],
  });
}

/** What a row of classes says: -1 and 0 say nothing. */
const textOf = (row: number[]) =>
  row
    .filter((digit) => digit > 0)
    .map((digit) => digit - 1)
    .join("");

async function main(file = "out/captchas.png", pictures = "8000", epochs = "8"): Promise<void> {
  setSeed(1);
  const [training, test] = await datasets.mnist.loadData();
  const [known, others] = [write(Number(pictures), training), write(1000, test)];
  const model = network();
  model.compile({ optimizer: optimizers.adam({ learningRate: 2e-3 }), loss: losses.ctc() });
  const { history } = await fit(model, [known.pictures, known.labels], {
    epochs: Number(epochs),
    batchSize: 32,
    verbose: 0,
  });
  for (const [epoch, loss] of history.loss!.entries()) {
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}`);
  }

  const { decoded } = ctcDecode(await predict(model, others.pictures, { verbose: 0 }));
  const [read, written] = [decoded, others.labels].map((rows) => rows.arraySync().map(textOf));
  const right = read!.filter((text, i) => text === written![i]).length;
  console.log(`${((100 * right) / read!.length).toFixed(1)} % of 1000 other numbers are right`);
  const shown = { limit: 12, columns: 3, labels: written!, predictions: read! };
  await plot.images(others.pictures, shown).toPng(file);
}

if (require.main === module) {
  main(...process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
