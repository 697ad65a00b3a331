/** What must be equal on all workers. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue } from "../errors";
import { hashOf } from "../files";
import { libraryVersion } from "../installation";
import { functionalOf, lossWeightsOf, optimizerOf, tensorflowVersion } from "../tfjs";
import { hashArchitecture } from "./identity";

/** Facts and options that must be equal on all workers, by name. */
export type Agreement = Readonly<Record<string, unknown>>;

/** What to do where they are not. */
export const SAME = "Every worker runs the same script on the same data.";

/** What a reader calls facts that are hashes. */
const titles: Readonly<Record<string, string | undefined>> = {
  layers: "the model's layers are",
  optimizer: "the optimizer is",
  objective: "the loss or metrics are",
  library: "the library's version is",
  tensorflow: "TensorFlow's version is",
};

/** Those that aren't hashes are told. */
const told: readonly string[] = ["library", "tensorflow"];

/** What a model computes and is trained by. */
export function factsOf(model: LayersModel): Agreement {
  const inner = functionalOf(model);
  const optimizer = optimizerOf(model);
  const { learningRate: _, ...settings } = optimizer?.getConfig() ?? {};
  return {
    library: libraryVersion(),
    tensorflow: tensorflowVersion(),
    layers: hashArchitecture(model),
    optimizer: hashOf([optimizer?.getClassName(), settings]),
    objective: hashOf([inner.loss, inner.metrics, lossWeightsOf(inner)]),
  };
}

/**
 * Compares the workers with the chief, who is the first.
 *
 * @throws ConvnetsError that names the first that differs, and in what.
 */
export function refuseDifferences([chief, ...others]: readonly Agreement[]): void {
  for (const [i, facts] of others.entries()) {
    const names = [...new Set([...Object.keys(chief!), ...Object.keys(facts)])];
    const name = names.find((each) => hashOf(facts[each]) !== hashOf(chief![each]));
    if (name !== undefined) throw differs(i + 1, name, { facts, chief: chief! });
  }
}

function differs(
  rank: number,
  name: string,
  { facts, chief }: { facts: Agreement; chief: Agreement },
): ConvnetsError {
  const title = titles[name] ?? `\`${name}\` is`;
  const isHash = name in titles && !told.includes(name);
  const [theirs, chiefs] = [facts[name], chief[name]].map(describeValue);
  const values = isHash ? "" : ` (${theirs}, the chief's ${chiefs})`;
  return new ConvnetsError(
    `Worker ${rank} computes something else than the chief: ${title} another${values}.`,
    { hint: SAME },
  );
}
