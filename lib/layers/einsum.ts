/** Einstein's summation with a gradient, which tfjs' own lacks. */
import type { GradSaveFunc, Tensor } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError } from "../errors";
import { type Shape, tf } from "../tfjs";

/** The letters of the operands' axes and of the result's. */
function lettersOf(subscripts: string): { operands: string[]; result: string } {
  const [given, result] = subscripts.split("->") as [string, string];
  return { operands: given.split(","), result };
}

/**
 * The shape of a sum of products.
 *
 * @param subscripts One or two operands' axes and the result's: `ab,bc->ac`.
 * @throws InvalidArgumentError where the operands don't fit.
 */
export function einsumShape(subscripts: string, shapes: Shape[]): Shape {
  const { operands, result } = lettersOf(subscripts);
  const refuse = (why: string) => new InvalidArgumentError(`${why} Received: "${subscripts}".`);
  if (operands.length !== shapes.length) {
    throw refuse(`${shapes.length} operands need as many subscripts.`);
  }
  const sizes = new Map<string, number | null>();
  operands.forEach((letters, i) => {
    const shape = shapes[i]!;
    if (letters.length !== shape.length) {
      throw refuse(`An operand of ${shape.length} axes needs as many letters.`);
    }
    if (new Set(letters).size !== letters.length) {
      throw refuse("An operand's axes must have different letters.");
    }
    [...letters].forEach((letter, axis) => {
      const known = sizes.get(letter) ?? null;
      const size = shape[axis]!;
      if (known !== null && size !== null && known !== size) {
        throw refuse(`Axes ${letter} of ${known} and ${size} don't fit.`);
      }
      sizes.set(letter, known ?? size);
    });
  });
  return [...result].map((letter) => {
    if (!sizes.has(letter)) throw refuse(`The result's axis ${letter} must be an operand's.`);
    return sizes.get(letter)!;
  });
}

/**
 * Sums products of one or two tensors, as `keras.ops.einsum`.
 *
 * @param subscripts The axes of the operands and the result, each by a letter: `ab,bc->ac`.
 * @returns The sums; the caller disposes them.
 */
export function einsum(subscripts: string, operands: Tensor[]): Tensor {
  const { operands: letters, result } = lettersOf(subscripts);
  return tf.customGrad((...given) => {
    const inputs = given.slice(0, -1) as Tensor[];
    (given.at(-1) as GradSaveFunc)(inputs);
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      saved.map((input, i) => {
        const others = saved.filter((_, j) => j !== i);
        const theirs = letters.filter((_, j) => j !== i);
        return gradient({ dy, others, from: [result, ...theirs], to: letters[i]!, like: input });
      });
    return { value: tf.einsum(subscripts, ...inputs), gradFunc };
  })(...operands);
}

/** The gradient for one operand: the same sum the other way round. Axes that were only summed over get it alike. */
function gradient(options: {
  dy: Tensor;
  others: Tensor[];
  from: string[];
  to: string;
  like: Tensor;
}): Tensor {
  const { dy, others, from, to, like } = options;
  const known = [...to].filter((letter) => from.join("").includes(letter)).join("");
  const sum = einsum(`${from.join(",")}->${known}`, [dy, ...others]);
  if (known === to) return sum;
  const shape = [...to].map((letter, axis) => (known.includes(letter) ? like.shape[axis]! : 1));
  return tf.broadcastTo(tf.reshape(sum, shape), like.shape);
}
