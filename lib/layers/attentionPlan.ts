/** Equations for attention to inputs of any number of axes, as Keras 3.15.1 has them. */
import type { AttentionEquations } from "./attend";
import type { EinsumSettings } from "./einsumPlan";

const letters = "abcdefghijklmnopqrstuvwxyz";

/** A product over the last `bound` axes of an input that keeps the others and adds `sizes`. */
export function projectionOf(
  free: number,
  { bound, sizes, useBias }: { bound: number; sizes: number[]; useBias: boolean },
): EinsumSettings {
  const kept = letters.slice(0, free);
  const gone = letters.slice(free, free + bound);
  const added = letters.slice(free + bound, free + bound + sizes.length);
  return {
    equation: `${kept}${gone},${gone}${added}->${kept}${added}`,
    outputShape: [...Array<null>(free - 1).fill(null), ...sizes],
    biasAxes: useBias ? added : null,
  };
}

/**
 * Scores and outputs of queries, keys and values `[batch, …, heads, features]`.
 *
 * @param rank How many axes those have.
 * @param attended Those of the axes along which keys are looked for.
 */
export function equationsOf(rank: number, attended: readonly number[]): AttentionEquations {
  const target = letters.slice(0, rank);
  let next = rank;
  const source = [...target]
    .map((letter, axis) => {
      if (!attended.includes(axis)) return letter;
      const own = letters[next]!;
      next++;
      return own;
    })
    .join("");
  const isBatch = (axis: number) => axis !== rank - 1 && !attended.includes(axis);
  const scores = [
    ...[...target].filter((_, axis) => isBatch(axis)),
    ...attended.map((axis) => target[axis]!),
    ...attended.map((axis) => source[axis]!),
  ].join("");
  return {
    scores: `${source},${target}->${scores}`,
    outputs: `${scores},${source}->${target}`,
    axes: attended.length,
  };
}
