/** Checks of what a layer's call is told besides its inputs. */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError } from "../errors";
import { type CallArguments, runsInModel, tf } from "../tfjs";

/** Whether a value is a tensor, of numbers or of a model that is being made. */
export const isTensor = (value: unknown): value is Tensor | SymbolicTensor =>
  value instanceof tf.Tensor || value instanceof tf.SymbolicTensor;

/**
 * Refuses arguments that a layer's calls don't know; a model that runs tells its layers more.
 *
 * @param options.known Those of the layer, besides `mask` and `training`.
 * @throws InvalidArgumentError naming the argument and those that there are.
 */
export function rejectUnknownArguments(
  kwargs: CallArguments,
  { title, known }: { title: string; known: readonly string[] },
): void {
  const all = [...known, "mask", "training"];
  const unknown = Object.keys(kwargs).find((name) => !all.includes(name));
  if (unknown === undefined || runsInModel()) return;
  throw new InvalidArgumentError(
    `A call of ${title} has no argument \`${unknown}\`. Allowed: ${all.join(", ")}`,
  );
}
