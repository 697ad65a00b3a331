/** An optimizer's gradients and state as tfjs passes them: tensors with names. */
import type { NamedTensorMap, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError, invalidArgument } from "../errors";
import { tf } from "../tfjs";

/** A tensor with a name, as tfjs passes them. */
export interface NamedTensor {
  /** The name. */
  name: string;
  /** The tensor. */
  tensor: Tensor;
}

/** A variable and its gradient. */
export interface Pair {
  variable: Variable;
  gradient: Tensor;
}

/** Finds the variables of named gradients; those without a gradient are left out. */
export function pairUp(gradients: NamedTensorMap | NamedTensor[]): Pair[] {
  const list = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  return list
    .filter(({ tensor }) => tensor !== undefined && tensor !== null)
    .map(({ name, tensor }) => {
      const variable = tf.engine().registeredVariables[name];
      if (variable === undefined) {
        throw invalidArgument("gradients", {
          expected: "named after existing variables",
          received: name,
        });
      }
      return { variable, gradient: tensor };
    });
}

/**
 * Sets variables to saved values.
 *
 * @throws InvalidArgumentError when number or shapes don't fit; then nothing is set.
 */
export function assignAll(variables: Variable[], values: Tensor[], where: string): void {
  const fits =
    values.length === variables.length &&
    variables.every(({ shape }, i) => tf.util.arraysEqual(shape, values[i]!.shape));
  if (!fits) {
    const list = (tensors: Tensor[]) => tensors.map(({ shape }) => `[${shape}]`).join(" ");
    throw new InvalidArgumentError(
      `\`weights\` must hold ${variables.length} slots of shapes ${list(variables)} for ${where}. Received: ${values.length} of shapes ${list(values)}`,
    );
  }
  for (const [i, variable] of variables.entries()) variable.assign(values[i]!);
}
