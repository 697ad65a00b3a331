/** Writes models and weights in Keras 3's format, and models for browsers in tfjs'. */

import fs from "node:fs/promises";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, rejectUnknownOptions } from "../checks";
import { invalidArgument } from "../errors";
import { checkFilePlace, writeFileAtomically } from "../files";
import { bringUpToDate } from "../tfjs";
import { writeArchive } from "./archive";
import { writeCompilation } from "./compilation";
import { loadHdf5, writeHdf5 } from "./hdf5";
import type { Hdf5Writer } from "./hdf5Writer";
import { writeOptimizerState } from "./optimizerState";
import { writePythonJson } from "./pythonJson";
import { checkModelPlace, saveForBrowser } from "./saveForBrowser";
import { writeWeights } from "./weightFile";
import { writeModel } from "./writeModel";

/** The version of Keras whose format is written. */
const kerasVersion = "3.15.1";

/** How a model is written. */
export interface SaveModelOptions {
  /**
   * Keep how the model is compiled and the optimizer's state, so that training can go on. A `model.json` has neither.
   *
   * @default true
   */
  includeOptimizer?: boolean;
  /** Replace an existing file. @default true */
  overwrite?: boolean;
}

/**
 * Saves a model for `loadModel` here and `keras.models.load_model` in Python; as `model.json` for tfjs in a browser.
 *
 * The file appears whole or not at all, whatever stops the process.
 *
 * A `.json` file is for inference by `tf.loadLayersModel(url)`. The weights, float32, lie beside it in files of 4 MiB.
 * Layers of this library become what tfjs has: augmentation hands its input on, `centerCrop` and `normalization` become
 * layers that compute the same.
 *
 * @param model A `tf.Sequential` or `tf.LayersModel`, with or without compilation.
 * @param path Ends in `.keras`, or in `.json`.
 * @throws InvalidArgumentError for another extension, an existing file with `overwrite: false`, a folder or device of
 *   that name, or an existing `.json` file that is no model of tfjs'.
 * @throws ModelFileError naming the layer, option, loss or optimizer that Keras' format, or tfjs in a browser, has no
 *   place for.
 * @example
 * import { saveModel, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * await saveModel(model, "convnet.keras");
 * @see https://keras.io/guides/serialization_and_saving/
 */
export async function saveModel(
  model: LayersModel,
  path: string,
  options: SaveModelOptions = {},
): Promise<void> {
  rejectUnknownOptions(options, { includeOptimizer: true, overwrite: true }, "saveModel()");
  checkExtension(path, ".keras", ".json");
  const { includeOptimizer = true } = options;
  await checkOverwrite(path, options);
  if (path.endsWith(".json")) {
    await checkModelPlace(path);
    return saveForBrowser(model, path);
  }
  await loadHdf5();
  await bringUpToDate(model);
  const compilation = includeOptimizer ? writeCompilation(model) : null;
  const config = { ...writeModel(model), compile_config: compilation };
  const metadata = { keras_version: kerasVersion, date_saved: timestamp() };
  const weights = await writeHdf5((file) => {
    writeWeights(file, model);
    if (compilation !== null) writeOptimizerState(file, model);
  });
  await writeFileAtomically(path, (temporary) =>
    writeArchive(temporary, {
      config: writePythonJson(config),
      metadata: JSON.stringify(metadata),
      weights,
    }),
  );
}

/**
 * Saves a model's weights, and its optimizer's state when it is compiled.
 *
 * @param model Any model.
 * @param path Ends in `.weights.h5`.
 * @throws InvalidArgumentError for another extension, an existing file with `overwrite: false`, or a folder or device
 *   of that name.
 * @throws ModelFileError naming the layer that Keras' format has no place for.
 * @example
 * import { saveWeights, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * await saveWeights(model, "best.weights.h5", { includeOptimizer: false });
 * @see https://keras.io/api/models/model_saving_apis/weights_saving_and_loading/
 */
export async function saveWeights(
  model: LayersModel,
  path: string,
  options: SaveModelOptions = {},
): Promise<void> {
  rejectUnknownOptions(options, { includeOptimizer: true, overwrite: true }, "saveWeights()");
  checkExtension(path, ".weights.h5");
  await checkOverwrite(path, options);
  await loadHdf5();
  await bringUpToDate(model);
  const { includeOptimizer = true } = options;
  const write = (file: Hdf5Writer) => {
    writeWeights(file, model);
    if (includeOptimizer) writeOptimizerState(file, model);
  };
  const bytes = await writeHdf5(write);
  await writeFileAtomically(path, (temporary) => fs.writeFile(temporary, bytes));
}

function checkExtension(path: string, ...extensions: string[]): void {
  if (typeof path !== "string" || !extensions.some((extension) => path.endsWith(extension))) {
    throw invalidArgument("path", {
      expected: `the name of a ${extensions.join(" or ")} file`,
      received: path,
    });
  }
}

async function checkOverwrite(path: string, options: SaveModelOptions): Promise<void> {
  const { includeOptimizer, overwrite = true } = options;
  checkBoolean("includeOptimizer", includeOptimizer);
  checkBoolean("overwrite", overwrite);
  checkFilePlace("path", path);
  if (overwrite) return;
  const exists = await fs.access(path).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw invalidArgument("path", {
      expected: "a new file with `overwrite: false`",
      received: path,
    });
  }
}

/** As Keras writes it: `2026-11-24@20:03:42`. */
function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replace("T", "@");
}
