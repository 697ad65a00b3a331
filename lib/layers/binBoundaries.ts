/** Where numbers are cut into categories of equally many, to a given precision, as Keras 3.15 finds it. */

/** Values, and how many numbers each stands for. */
interface Summary {
  values: number[];
  weights: number[];
}

/** The boundaries between `bins` categories. */
export function boundariesOf(numbers: ArrayLike<number>, bins: number, epsilon: number): number[] {
  const summary = compressed(summarized(numbers, epsilon), epsilon);
  return compressed(summary, 1 / bins).values.slice(0, -1);
}

/** Every so many-th of the numbers in their order. */
function summarized(numbers: ArrayLike<number>, epsilon: number): Summary {
  const sorted = Float32Array.from(numbers).sort();
  const step = Math.max(sorted.length / (1 / epsilon), 1);
  const values: number[] = [];
  for (let i = Math.trunc(step - 1); i < sorted.length; i += Math.trunc(step)) {
    values.push(sorted[i]!);
  }
  return { values, weights: values.map(() => Math.fround(step)) };
}

/** A summary of at most 1 / epsilon values, between those that there were. */
function compressed({ values, weights }: Summary, epsilon: number): Summary {
  if (values.length * epsilon < 1) return { values, weights };
  let sum = 0;
  const upTo = weights.map((weight) => {
    sum = Math.fround(sum + weight);
    return sum;
  });
  const shares = upTo.map((each) => Math.fround(each / sum));
  const count = Math.ceil(1 / epsilon);
  const wanted = Array.from({ length: count }, (_, i) => epsilon + i * epsilon);
  const at = (of: number[]) => wanted.map((share) => between(share, shares, of));
  const ends = at(upTo);
  return {
    values: at(values).map(Math.fround),
    weights: ends.map((end, i) => Math.fround(end - (ends[i - 1] ?? 0))),
  };
}

/** The value at a place between others, and that of the first or last one outside. */
function between(place: number, places: number[], values: number[]): number {
  const after = places.findIndex((each) => each > place);
  if (after === 0) return values[0]!;
  if (after === -1) return values.at(-1)!;
  const [low, high] = [places[after - 1]!, places[after]!];
  const [from, to] = [values[after - 1]!, values[after]!];
  return from + ((to - from) / (high - low)) * (place - low);
}
