/** What an equation such as `abc,cd->abd` says of a layer's weights and output. */
import { invalidArgument } from "../errors";
import type { Shape } from "../tfjs";

/** What an `EinsumDense` is told. */
export interface EinsumSettings {
  equation: string;
  /** Of the output, without the batch. */
  outputShape: readonly (number | null)[];
  biasAxes: string | null;
}

/** What follows from it for an input. */
export interface EinsumPlan {
  /** The equation without an ellipsis. */
  subscripts: string;
  kernelShape: number[];
  biasShape: number[] | undefined;
  outputShape: Shape;
  /** How many inputs and outputs the kernel connects. */
  fans: [inputs: number, outputs: number];
}

const forms = [
  /^()([a-zA-Z]+)(),([a-zA-Z]+)->([a-zA-Z]+)$/,
  /^(\.\.\.)([a-zA-Z]+)(),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)$/,
  /^()([a-zA-Z]{2,})(\.\.\.),([a-zA-Z]+)->([a-zA-Z]+)\.\.\.$/,
];

const refuse = (expected: string, received: unknown, name = "equation") =>
  invalidArgument(name, { expected, received });

/** The parts of an equation; throws for one that Keras doesn't know either. */
export function partsOf(equation: string) {
  const found = forms.map((form) => form.exec(equation)).find((match) => match !== null);
  if (found === undefined || found === null) {
    throw refuse('of the form "ab,bc->ac", "...b,bc->...c" or "ab...,bc->ac..."', equation);
  }
  const [, left, input, right, kernel, output] = found as string[];
  const isRegular = [input, kernel, output].every((part) => new Set(part).size === part!.length);
  if (!isRegular) throw refuse("with different letters for the axes of a tensor", equation);
  return {
    input: input!,
    kernel: kernel!,
    output: output!,
    left: left !== "",
    right: right !== "",
  };
}

const product = (sizes: number[]) => sizes.reduce((all, size) => all * size, 1);

/**
 * Plans a layer's weights and output.
 *
 * @throws InvalidArgumentError where the equation, the output's shape and the input don't fit.
 */
export function planEinsum(settings: EinsumSettings, inputShape: Shape): EinsumPlan {
  const { equation, outputShape, biasAxes } = settings;
  const { input, kernel, output, left, right } = partsOf(equation);
  const elided = inputShape.length - input.length;
  if (elided < 0 || (elided > 0 && !left && !right)) {
    throw refuse(`for an input of ${inputShape.length} axes`, equation);
  }
  const unused = [..."abcdefghijklmnopqrstuvwxyz"].filter((each) => !equation.includes(each));
  const others = unused.slice(0, elided).join("");
  const whole = (letters: string) => (left ? others + letters : letters + others);
  const [inputLetters, outputLetters] = [whole(input), whole(output)];
  const own = output.length - (left && elided > 0 ? 0 : 1);
  if (outputShape.length !== own) {
    throw refuse(`${own} sizes, as ${equation} has them`, outputShape, "outputShape");
  }
  const told = new Map([...output.slice(-own || output.length)].map((x, i) => [x, outputShape[i]]));
  const sizes = new Map(
    [...inputLetters].map((letter, axis) => [letter, inputShape[axis] ?? null]),
  );
  const sizeOf = (letter: string): number | null => {
    const [given, asked] = [sizes.get(letter) ?? null, told.get(letter) ?? null];
    if (given !== null && asked !== null && given !== asked) {
      throw refuse(`${given} on the axis ${letter}, as the input`, outputShape, "outputShape");
    }
    return given ?? asked;
  };
  for (const letter of outputLetters) {
    if (sizes.has(letter) || kernel.includes(letter)) continue;
    throw refuse(`with the output's axis ${letter} in the input or the kernel`, equation);
  }
  const kernelShape = [...kernel].map((letter) => {
    if (!sizes.has(letter) && !output.includes(letter)) {
      throw refuse(`with the kernel's axis ${letter} in the input or the output`, equation);
    }
    const size = sizeOf(letter);
    if (size !== null) return size;
    throw refuse(`with a size for ${letter}, an axis of the kernel`, outputShape, "outputShape");
  });
  const sizesWhere = (isOutput: boolean) =>
    kernelShape.filter((_, axis) => output.includes(kernel[axis]!) === isOutput);
  return {
    subscripts: `${inputLetters},${kernel}->${outputLetters}`,
    kernelShape,
    biasShape:
      biasAxes === null ? undefined : biasShape(biasAxes, output, sizeOf, right ? elided : 0),
    outputShape: [...outputLetters].map(sizeOf),
    fans: [product(sizesWhere(false)), product(sizesWhere(true))],
  };
}

/** Refuses axes of a bias that an output doesn't have. */
export function checkBiasAxes(axes: unknown, output: string): void {
  const isPart = (letter: string) => output.includes(letter);
  if (typeof axes === "string" && axes !== "" && [...axes].every(isPart)) return;
  throw refuse(`letters of the output ${output}`, axes, "biasAxes");
}

/** From the first axis that has a bias on; `after` axes of size 1 follow. */
function biasShape(
  axes: string,
  output: string,
  sizeOf: (letter: string) => number | null,
  after: number,
): number[] {
  const first = Math.min(...[...axes].map((letter) => output.indexOf(letter)));
  const own = [...output.slice(first)].map((letter) => {
    if (!axes.includes(letter)) return 1;
    const size = sizeOf(letter);
    if (size !== null) return size;
    throw refuse(`axes of known size; that of ${letter} is open`, axes, "biasAxes");
  });
  return [...own, ...Array<number>(after).fill(1)];
}
