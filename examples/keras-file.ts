/** What a model that Keras saved says of the pictures in a folder: `keras-file.js MODEL.keras FOLDER`. */
import path from "node:path";
import { imageDatasetFromDirectory, loadModel, predict, type tf } from "convnets";

async function main(file = "", folder = ""): Promise<void> {
  const model = await loadModel(file);
  const [, height, width, channels] = model.inputs[0]!.shape as number[];
  const pictures = await imageDatasetFromDirectory(folder, {
    labels: null,
    imageSize: [height!, width!],
    colorMode: channels === 1 ? "grayscale" : "rgb",
    shuffle: false,
    verbose: 0,
  });
  const outputs = (await predict(model, pictures, { verbose: 0 })) as tf.Tensor2D;
  const rows = await outputs.array();
  for (const [i, picture] of pictures.filePaths.entries()) {
    const numbers = rows[i]!.map((value) => value.toFixed(4)).join("  ");
    console.log(`${path.relative(folder, picture)}  ${numbers}`);
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
