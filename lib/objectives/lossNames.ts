/** Losses by name. */
import { isKerasLoss, type KerasLoss, type LossOptions } from "./loss";
import * as losses from "./lossFunctions";

const factories = losses as Readonly<Record<string, (options?: never) => KerasLoss>>;

/** tfjs' names of losses that Keras has under others. */
const tfjsNames: Readonly<Record<string, string>> = {
  logcosh: "logCosh",
  kullbackLeiblerDivergence: "klDivergence",
  cosineProximity: "cosineSimilarity",
};

/**
 * The loss that `compile` was given, with its settings.
 *
 * @param given A name of tfjs or of `losses`, or a loss function.
 * @returns undefined for a function of the user's own.
 */
export function lossOf(given: unknown): KerasLoss | undefined {
  if (typeof given !== "string") return isKerasLoss(given) ? given : undefined;
  const name = Object.hasOwn(tfjsNames, given) ? tfjsNames[given]! : given;
  return Object.hasOwn(factories, name) ? factories[name]!() : undefined;
}

/** Makes a loss of `losses`, with settings that a file has. */
export function makeNamedLoss(name: string, options: LossOptions): KerasLoss {
  return factories[name]!(options as never);
}

/** The names of all losses of `losses`. */
export const lossNames: readonly string[] = Object.keys(losses).sort();
