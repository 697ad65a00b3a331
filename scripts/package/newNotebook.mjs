// @ts-check
/** A notebook to begin with. */
import fs from "node:fs";
import path from "node:path";
import { kernelName, kernelSpec } from "../jupyter/kernelSpec.mjs";
import { StepError } from "../setup/errors.mjs";

/**
 * Writes it, and says where; what is there stays.
 * @param {string} file
 */
export function newNotebook(file) {
  try {
    fs.writeFileSync(file, notebook(path.basename(file, ".ipynb")), { flag: "wx" });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    const what =
      code === "EEXIST" ? "is there already, and stays as it is" : `can't be written (${code})`;
    throw new StepError(`${file} ${what}.`, { todo: "choose another name" });
  }
  console.log(`✔ ${file}\n  npx convnets lab ${file}`);
}

/** @param {string} title */
function notebook(title) {
  const { display_name, language } = kernelSpec({ kernel: "" });
  const cells = Object.entries(template(title)).map(([id, text]) => {
    const source = text.trim().split(/(?<=\n)/);
    const isCode = !text.trimStart().startsWith("#");
    return isCode
      ? { cell_type: "code", execution_count: null, id, metadata: {}, outputs: [], source }
      : { cell_type: "markdown", id, metadata: {}, source };
  });
  const metadata = {
    kernelspec: { display_name, language, name: kernelName },
    language_info: { file_extension: ".ts", mimetype: "text/typescript", name: language },
  };
  return `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
}

/**
 * The cells, by their ids.
 * @param {string} title
 */
function template(title) {
  return {
    title: `
# ${title}

A small network learns to tell lying stripes from standing ones. Put your own pictures in their place:
\`imageDatasetFromDirectory\` reads a folder of folders.`,
    imports: `
import { engine, evaluate, fit, plot, saveModel, setSeed, tf } from "convnets";

setSeed(1);
console.log(engine().toString());`,
    pictures: `
/** Grey pictures of 16 × 16 with noise over them, and what they show: 0 lying stripes, 1 standing ones. */
function stripes(count: number): [tf.Tensor4D, tf.Tensor1D] {
  const labels = tf.randomUniform([count], 0, 2, "int32") as tf.Tensor1D;
  const images = tf.tidy(() => {
    const phases = tf.randomUniform([count, 1], 0, 6);
    const waves = tf.sin(tf.range(0, 16).mul(1.2).add(phases));
    const lying = waves.reshape([count, 16, 1, 1]).tile([1, 1, 16, 1]);
    const standing = waves.reshape([count, 1, 16, 1]).tile([1, 16, 1, 1]);
    const pure = tf.where(labels.reshape([count, 1, 1, 1]).cast("bool"), standing, lying);
    return pure.add(tf.randomNormal(pure.shape)) as tf.Tensor4D;
  });
  return [images, labels];
}

const [images, labels] = stripes(1000);
plot.images(images.slice(0, 8).add(3).div(6).clipByValue(0, 1) as tf.Tensor4D).show();`,
    model: `
const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: "relu", inputShape: [16, 16, 1] }),
    tf.layers.globalMaxPooling2d({}),
    tf.layers.dense({ units: 2, activation: "softmax" }),
  ],
});
model.compile({
  optimizer: tf.train.adam(0.01),
  loss: "sparseCategoricalCrossentropy",
  metrics: ["accuracy"],
});`,
    training: `
const history = await fit(model, [images, labels], { epochs: 10, validationSplit: 0.2 });
plot.history(history).show();`,
    result: `
const { loss, accuracy } = await evaluate(model, stripes(500), { verbose: 0 });
console.log(\`Test accuracy: \${accuracy.toFixed(3)}, loss \${loss.toFixed(3)}\`);
await saveModel(model, "${title}.keras");`,
  };
}
