/** An optimizer's gradients and state as tfjs passes them: tensors with names. */
import type { NamedTensorMap, Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError, invalidArgument } from "../errors";
import { registeredVariables, tf } from "../tfjs";

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

/** What an optimizer keeps for one variable of the model, by the slots' names. @inline */
export type Slots = Readonly<Record<string, Variable>>;

/** What a step needs besides variable and gradient. */
export interface StepState {
  /** What the optimizer keeps for the variable under this name. */
  slot: (name: string) => Variable;
  /** The current learning rate. */
  learningRate: Scalar;
}

/** A variable of the model and what the optimizer keeps for it. */
export interface VariableSlots {
  /** The variable itself. */
  variable: Variable;
  /** Its slots, by name. */
  slots: Slots;
}

/** Finds the variables of named gradients; those without a gradient are left out. */
export function pairUp(gradients: NamedTensorMap | NamedTensor[]): Pair[] {
  const list = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  return list
    .filter(({ tensor }) => tensor !== undefined && tensor !== null)
    .map(({ name, tensor }) => {
      const variable = registeredVariables()[name];
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
      `\`weights\` must hold ${variables.length} slots of shapes ${list(variables)} for ${where}. ` +
        `Received: ${values.length} of shapes ${list(values)}`,
    );
  }
  for (const [i, variable] of variables.entries()) variable.assign(values[i]!);
}

/** Runs what assigns variables, and takes it back where a scalar says no: one list of ops for both. */
export function onlyIf(
  condition: Tensor,
  { variables, change }: { variables: readonly Variable[]; change: () => void },
): void {
  // A clone shares the data and keeps it from being freed.
  const before = variables.map((variable) => ({ variable, value: tf.clone(variable) }));
  change();
  for (const { variable, value } of before) {
    if (variable.dataId !== value.dataId) variable.assign(tf.where(condition, variable, value));
  }
}
