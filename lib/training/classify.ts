/** Pictures in, names of classes out. */
import type { LayersModel, Tensor, Tensor2D } from "@tensorflow/tfjs-node-gpu";
import { checkTexts, type KnownOptions, rejectUnknownOptions } from "../checks";
import { ConvnetsError, invalidArgument } from "../errors";
import { functionalOf } from "../tfjs";
import { type Predictable, type PredictOptions, predict } from "./predict";

/** Options of `classify`. */
export interface ClassifyOptions extends Pick<PredictOptions, "batchSize" | "engine"> {
  /** Names of the classes in the order of their numbers, such as a dataset's `classNames`. */
  classNames: readonly string[];
}

/** What a model takes a picture for. */
export interface Classification {
  /** The name of the likeliest class. */
  className: string;
  /** Its number. */
  label: number;
  /** Its probability. */
  probability: number;
  /** The probability of each class, by name. */
  probabilities: Record<string, number>;
}

/**
 * Says what a classifier takes pictures for, by name.
 *
 * @param model A classifier whose outputs are probabilities: `[batch, classes]` of a softmax, or `[batch, 1]` of a
 *   sigmoid, the probability of the second of two classes. It stays as it is.
 * @param x The path of a picture, a list of such, or anything else that `predict` takes.
 * @returns One of a path, a list of anything else.
 * @throws InvalidArgumentError for names that don't fit the model; ConvnetsError for outputs that are no
 *   probabilities; DataFileError for a file that is no picture.
 * @example
 * import { classify, loadModel } from "convnets";
 * const model = await loadModel("convnet.keras");
 * const { className, probability } = await classify(model, "holiday/cat.jpg", { classNames: ["cat", "dog"] });
 * console.log(`${className}: ${(100 * probability).toFixed(1)} %`);
 */
export async function classify(
  model: LayersModel,
  x: string,
  options: ClassifyOptions,
): Promise<Classification>;
export async function classify(
  model: LayersModel,
  x: Exclude<Predictable, string>,
  options: ClassifyOptions,
): Promise<Classification[]>;
export async function classify(
  model: LayersModel,
  x: Predictable,
  options: ClassifyOptions,
): Promise<Classification | Classification[]> {
  const known: KnownOptions<ClassifyOptions> = { classNames: true, batchSize: true, engine: true };
  rejectUnknownOptions(options, known, "classify");
  const { classNames, ...others } = options ?? {};
  checkTexts("classNames", classNames ?? null, { what: "names of classes" });
  checkNames(functionalOf(model), classNames);
  const outputs = (await predict(model, x, { ...others, verbose: 0 })) as Tensor2D;
  const rows = rowsOf(outputs);
  const found = rows.map((row) => classification(row, classNames));
  return typeof x === "string" ? found[0]! : found;
}

function checkNames(model: LayersModel, classNames: readonly string[]): void {
  const [output, ...others] = model.outputs;
  const units = output!.shape.at(-1);
  if (others.length > 0 || output!.rank !== 2) {
    throw invalidArgument("model", {
      expected: "a classifier with one output [batch, classes]",
      received: model.outputs.map(({ shape }) => shape),
    });
  }
  const count = units === 1 ? 2 : units!;
  if (classNames.length !== count || new Set(classNames).size !== count) {
    throw invalidArgument("classNames", {
      expected: `${count} different names, one for each class of the model`,
      received: classNames,
    });
  }
}

/** The probabilities of each sample, of two classes where the model gives only the second's; frees the tensor. */
function rowsOf(outputs: Tensor): number[][] {
  const width = outputs.shape[1]!;
  const values = [...outputs.dataSync()];
  outputs.dispose();
  if (values.some((value) => !(value >= 0 && value <= 1))) {
    throw new ConvnetsError("The model's outputs are no probabilities in [0, 1].", {
      hint: 'Its last layer needs `activation: "softmax"`, or `"sigmoid"` for two classes.',
    });
  }
  if (width === 1) return values.map((value) => [1 - value, value]);
  return Array.from({ length: values.length / width }, (_, i) =>
    values.slice(i * width, (i + 1) * width),
  );
}

function classification(row: number[], classNames: readonly string[]): Classification {
  const probability = Math.max(...row);
  const label = row.indexOf(probability);
  const probabilities = Object.fromEntries(classNames.map((name, i) => [name, row[i]!]));
  return { className: classNames[label]!, label, probability, probabilities };
}
