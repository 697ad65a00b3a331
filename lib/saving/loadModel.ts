/** Reads models and weights that Keras, or this library, has written. */

import fs from "node:fs/promises";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, rejectUnknownOptions } from "../checks";
import { ConvnetsError, invalidArgument } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { registerLayers } from "../layers";
import { leavingNothing, refuseWhileTrained } from "../tfjs";
import { readArchive } from "./archive";
import { type Compilation, compileModel } from "./compilation";
import { readHdf5 } from "./hdf5";
import type { Hdf5Reader } from "./hdf5Reader";
import { field, ModelFileError, parseObject } from "./json";
import { inOtherWords, isKeras2 } from "./keras2";
import {
  isLegacy,
  isLegacyKeras2,
  legacyCompilation,
  legacyConfig,
  legacyOptimizerPaths,
  readLegacyWeights,
} from "./legacyHdf5";
import { optimizerPaths, readOptimizerState } from "./optimizerState";
import { readModel } from "./readModel";
import { readVocabularies } from "./vocabularies";
import { budgetFor, liftLimits } from "./weightBudget";
import { type Assignment, assign, readWeights, readWeightsByName } from "./weightFile";

/** How a model is read. */
export interface LoadModelOptions {
  /** Compile the model as it was when saved, optimizer state included. @default true */
  compile?: boolean;
}

/**
 * Loads a model that Keras 3 saved as `.keras`, or Keras 2 or 3 as `.h5`.
 *
 * Nothing in a file is ever run: layers are looked up by name among those that are known here. Of how the model
 * was compiled, what has no counterpart here is left out, with one warning that names it: a metric or, where it is
 * the optimizer or a loss, the whole compilation.
 *
 * @param path A `.keras` or `.h5` file.
 * @returns The model, a `tf.Sequential` where Keras had one; the caller disposes it.
 * @throws InvalidArgumentError for another extension or a missing file.
 * @throws ModelFileError for a damaged file, or naming a layer or option that is not supported.
 * @example
 * import { loadModel, summary } from "convnets";
 * const model = await loadModel("convnet.keras");
 * summary(model);
 * model.dispose();
 * @see https://keras.io/guides/serialization_and_saving/
 */
export async function loadModel(
  path: string,
  options: LoadModelOptions = {},
): Promise<LayersModel> {
  rejectUnknownOptions(options, { compile: true }, "loadModel()");
  checkBoolean("compile", options.compile);
  const extension = await checkFile(path, [".keras", ".h5", ".hdf5"]);
  const compile = options.compile ?? true;
  return about(path, () =>
    extension === ".keras" ? fromArchive(path, compile) : fromHdf5(path, compile),
  );
}

async function fromArchive(path: string, compile: boolean): Promise<LayersModel> {
  const archive = await readArchive(path);
  const written = parseObject(archive.config, "its config.json");
  const keras2 = isKeras2(
    field(parseObject(archive.metadata, "its metadata.json"), "keras_version"),
  );
  const config = keras2 ? inOtherWords(written) : written;
  const compilation = compile ? field(config, "compile_config") : undefined;
  const fileBytes = archive.weights.length;
  return readHdf5(archive.weights, (file) =>
    finished(build(config, { compilation, fileBytes, keras2 }), {
      path,
      weights: (model) => {
        readVocabularies(file, model, archive.lists);
        return readWeights(file, model);
      },
      restore: (model, state) => {
        const paths = optimizerPaths(file);
        if (state?.byKind && paths.length === 0) {
          throw new ModelFileError("keeps nothing of its optimizer, a legacy one of Keras 2");
        }
        return readOptimizerState(file, model, { ...state, paths });
      },
    }),
  );
}

async function fromHdf5(path: string, compile: boolean): Promise<LayersModel> {
  const bytes = await fs.readFile(path);
  return readHdf5(bytes, (file) => {
    const config = legacyConfig(file);
    if (config === undefined) {
      throw new ModelFileError(
        "holds weights without a model. Build the model, then call loadWeights()",
      );
    }
    const compilation = compile ? legacyCompilation(file) : undefined;
    const keras2 = isLegacyKeras2(file);
    return finished(build(config, { compilation, fileBytes: bytes.length, keras2 }), {
      path,
      weights: (model) => readLegacyWeights(file, model),
      restore: (model, state) =>
        readOptimizerState(file, model, { ...state, paths: legacyOptimizerPaths(file) }),
    });
  });
}

/** A model with fresh weights. */
interface Built {
  model: LayersModel;
  compilation: Compilation;
}

/** The model, compiled where the file says how. */
function build(
  config: JsonObject,
  options: { compilation: Json | undefined; fileBytes: number; keras2: boolean },
): Built {
  const { compilation, fileBytes, keras2 } = options;
  registerLayers();
  return leavingNothing(() => {
    const budget = budgetFor(fileBytes);
    const model = readModel(config, budget);
    liftLimits(model, budget);
    if (!isObject(compilation)) return { model, compilation: { notes: [] } };
    return { model, compilation: compileModel(model, compilation, { keras2 }) };
  });
}

/** How a file's values are read. */
interface Values {
  path: string;
  weights(model: LayersModel): Assignment[];
  restore(model: LayersModel, state: Compilation["state"]): (() => void) | undefined;
}

/** The model with its values; disposed when they can't be read. Says once what was left out. */
function finished({ model, compilation }: Built, { path, weights, restore }: Values): LayersModel {
  const { notes, state } = compilation;
  try {
    assign(weights(model));
    try {
      restore(model, state)?.();
    } catch (error) {
      if (!(error instanceof ModelFileError)) throw error;
      notes.push(`${error.message}. The optimizer starts afresh`);
    }
  } catch (error) {
    model.dispose();
    throw error;
  }
  if (notes.length > 0) console.warn(notes.map((note) => `\`${path}\` ${note}.`).join("\n"));
  return model;
}

/** How weights are read. */
export interface LoadWeightsOptions {
  /**
   * Take the layers that the file knows by name, also in models inside its model, and leave the others as they
   * are. With `false` the model must be the one that was saved, layer by layer.
   *
   * @default false
   */
  byName?: boolean;
  /** Leave a layer as it is where the file has no weights of its shapes, instead of throwing. @default false */
  skipMismatch?: boolean;
}

/**
 * Loads weights into a model: from a `.weights.h5` file, a `.keras` file, or an older `.h5` file.
 *
 * Optimizer state is taken over when the file has it for the model's own optimizer; else, also where the file was saved
 * before the first step and the model has made some, the optimizer stays as it is, with a warning. When something is
 * wrong with the file, the model stays as it was.
 *
 * @param model The model; its weights change.
 * @param path A `.weights.h5`, `.h5` or `.keras` file.
 * @throws ModelFileError for a damaged file, or naming the layer that doesn't fit.
 * @throws InvalidArgumentError for another extension or a missing file.
 * @example
 * import { loadWeights, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * await loadWeights(model, "best.weights.h5");
 * @see https://keras.io/api/models/model_saving_apis/weights_saving_and_loading/
 */
export async function loadWeights(
  model: LayersModel,
  path: string,
  options: LoadWeightsOptions = {},
): Promise<void> {
  rejectUnknownOptions(options, { byName: true, skipMismatch: true }, "loadWeights()");
  checkBoolean("byName", options.byName);
  checkBoolean("skipMismatch", options.skipMismatch);
  refuseWhileTrained(model, "loadWeights");
  const extension = await checkFile(path, [".weights.h5", ".h5", ".hdf5", ".keras"]);
  await about(path, async () => {
    const bytes =
      extension === ".keras" ? (await readArchive(path)).weights : await fs.readFile(path);
    await readHdf5(bytes, (file) => applyWeights(file, model, { ...options, path }));
  });
}

function applyWeights(
  file: Hdf5Reader,
  model: LayersModel,
  options: LoadWeightsOptions & { path: string },
): void {
  const { byName = false, skipMismatch = false, path } = options;
  const legacy = isLegacy(file);
  let weights: Assignment[];
  if (legacy) weights = readLegacyWeights(file, model, { byName, skipMismatch });
  else if (byName) weights = readWeightsByName(file, model, { skipMismatch });
  else weights = readWeights(file, model, { skipMismatch });
  if (byName && weights.length === 0) {
    throw new ModelFileError("has no layer of any name that the model has");
  }
  const restore = byName || legacy ? undefined : matchingState(file, model, path);
  refuseWhileTrained(model, "loadWeights"); // a `fit` may have begun while the file was read
  assign(weights);
  restore?.();
}

/**
 * A file's optimizer may be another one than the model's, or have made no step yet where the model's has: then, as in
 * Keras, only the weights count, and a warning says so.
 */
function matchingState(
  file: Hdf5Reader,
  model: LayersModel,
  path: string,
): (() => void) | undefined {
  try {
    return readOptimizerState(file, model, { paths: optimizerPaths(file) });
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    console.warn(`\`${path}\` ${error.message}. The optimizer stays as it is.`);
    return undefined;
  }
}

/** Puts the file's name in front of what is wrong with it. */
async function about<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ModelFileError) {
      const cause = error.cause ?? error;
      throw new ModelFileError(`\`${path}\` ${error.message}`, { hint: error.hint, cause });
    }
    const isSystems = typeof (error as NodeJS.ErrnoException).syscall === "string";
    if (isSystems || error instanceof ConvnetsError) throw error;
    // A file can be wrong in ways that nobody thought of; the reader still gets one clear error.
    throw new ModelFileError(`\`${path}\` can't be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function checkFile(path: string, extensions: string[]): Promise<string> {
  const extension = extensions.find((end) => typeof path === "string" && path.endsWith(end));
  const isFile = extension && (await fs.stat(path).catch(() => undefined))?.isFile();
  if (!isFile) {
    throw invalidArgument("path", {
      expected: `an existing file that ends in ${extensions.join(", ")}`,
      received: path,
    });
  }
  return extension!;
}
