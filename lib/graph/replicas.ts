/** A traced step several times in one graph, each on a device of its own, with sums over all of them. */
import {
  type AssembledStep,
  Assembly,
  liveOps,
  resultsOf,
  type StepPlace,
  type StepValues,
} from "./assemble";
import type { GeneralTrace } from "./batchSize";

/** The op of a trace that stands for a sum over all replicas, as between processes. */
const SUM = "CollectiveReduce";

/** A step on one device. */
export interface Replica extends StepValues {
  /** For example `"/device:GPU:1"`. */
  device: string;
}

/**
 * Adds a traced step to a graph once for each replica.
 *
 * What follows from sums alone is the same for all: it is computed by the first, and the others end in the last sum that
 * something needs.
 *
 * @param trace The step; each of its sums becomes one over all replicas, on the first's device.
 * @param replicas One for each device.
 * @param place Where, and what they share.
 * @returns The step as the first has it; of a step without sums, as each has it.
 */
export function assembleReplicas(
  trace: GeneralTrace,
  replicas: readonly Replica[],
  place: StepPlace,
): AssembledStep[] {
  const { graph } = place;
  const assemblies = replicas.map((replica) => new Assembly(trace, { ...place, ...replica }));
  const all = liveOps(trace, resultsOf(trace));
  const sums = trace.ops.flatMap(({ name }, i) => (name === SUM && all.has(i) ? [i] : []));
  const summed = sums.flatMap((index) => trace.ops[index]!.inputs);
  const isAlike = sums.length > 0;
  const others = isAlike ? liveOps(trace, summed) : all;
  for (const [index, { name, inputs, outputs }] of trace.ops.entries()) {
    if (!all.has(index)) continue;
    if (name === SUM) {
      const parts = assemblies.map((each) => each.value(inputs[0]!));
      const [{ shape, dtype }] = outputs as [(typeof outputs)[number]];
      const sum = graph.on(replicas[0]!.device, () =>
        graph.op("AddN", parts, {
          attrs: { N: { int: parts.length }, T: { type: dtype } },
          shapes: [shape],
          dtypes: [dtype],
        }),
      );
      for (const each of assemblies) each.set(index, sum);
      continue;
    }
    for (const [i, { device }] of replicas.entries()) {
      if (i > 0 && !others.has(index)) continue;
      graph.on(device, () => assemblies[i]!.add(index));
    }
  }
  const wanted = isAlike ? assemblies.slice(0, 1) : assemblies;
  return wanted.map((each, i) => graph.on(replicas[i]!.device, () => each.finish()));
}
