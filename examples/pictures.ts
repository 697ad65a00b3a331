/** From a folder of pictures, one subfolder a class, to a trained model: `pictures.js FOLDER [FILE [EPOCHS]]`. */
import { callbacks, fit, imageDatasetFromDirectory, layers, setSeed, tf } from "convnets";

async function main(folder = "", file = "out/pictures.keras", epochs = "20"): Promise<void> {
  setSeed(1);
  const [training, validation] = await imageDatasetFromDirectory(folder, {
    imageSize: 96,
    validationSplit: 0.2,
    subset: "both",
    seed: 1,
    cache: true,
  });
  const classes = training.classNames;
  const model = tf.sequential();
  model.add(layers.rescaling({ scale: 1 / 255, inputShape: [96, 96, 3] }));
  model.add(layers.randomFlip({ mode: "horizontal" }));
  model.add(layers.randomRotation({ factor: 0.05 }));
  for (const filters of [16, 32, 64]) {
    model.add(tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu" }));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  }
  model.add(tf.layers.flatten());
  model.add(layers.dropout({ rate: 0.25 }));
  model.add(tf.layers.dense({ units: classes.length, activation: "softmax" }));
  const loss = "sparseCategoricalCrossentropy";
  model.compile({ optimizer: "adam", loss, metrics: ["accuracy"] });

  const { history } = await fit(model, training, {
    epochs: Number(epochs),
    validationData: validation,
    callbacks: callbacks.modelCheckpoint({ filepath: file, saveBestOnly: true }),
  });
  const best = Math.max(...history.val_accuracy!).toFixed(3);
  console.log(`${classes.join(", ")}: best validation accuracy ${best}; model in ${file}`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
