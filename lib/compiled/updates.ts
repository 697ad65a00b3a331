/** The part of a training step that writes variables. */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import type { AssembledStep, GraphBuilder, GraphVariable, Output } from "../graph";
import { registeredVariables } from "../tfjs";
import type { WeightPlace } from "./fusedOptimizer";
import type { StepRequest } from "./stepRequest";

/** What the steps of a graph share. */
export interface Shared {
  learningRate: Output;
  variable: (name: string) => GraphVariable;
}

/** The weights whose gradients the trace marked. */
function weightGradients({ marks }: AssembledStep): (WeightPlace & { gradient: Output })[] {
  return [...marks].map(([mark, gradient]) => {
    const space = mark.indexOf(" ");
    const variable = registeredVariables()[mark.slice(space + 1)]!;
    return { variable, index: Number(mark.slice(0, space)), gradient };
  });
}

/** The nodes that write variables: assignments that the step makes, then fused kernels. All wait for the results. */
export function addUpdates(
  graph: GraphBuilder,
  request: StepRequest,
  { step, shared, results }: { step: AssembledStep; shared: Shared; results: Output[] },
): string[] {
  // A step that fails on the way to its results writes nothing, neither weights nor counts.
  const computed = graph.group(results, `${request.name}/computed`);
  const assigned = new Map<string, string>();
  for (const [name, value] of step.updates) {
    const target = shared.variable(name);
    assigned.set(name, graph.assign(target, value, [target.read, computed]));
  }
  const names = [...assigned.values()];
  const fused = request.optimizer?.fused;
  if (fused === undefined) return names;
  const context = {
    graph,
    learningRate: shared.learningRate,
    variable: ({ name }: Variable) => shared.variable(name),
  };
  const kernels = weightGradients(step).map((weight) => {
    const { name } = weight.variable;
    // A weight that decays is assigned first; one that doesn't must have been read.
    const control = [assigned.get(name) ?? shared.variable(name).read, computed];
    return fused.update(context, { ...weight, control });
  });
  return [...names, ...kernels, ...(fused.finish?.(context, kernels) ?? [])];
}

/** Names of the variables that fused kernels change. */
export function fusedChanges(request: StepRequest, step: AssembledStep): string[] {
  const fused = request.optimizer?.fused;
  if (fused === undefined) return [];
  const weights = weightGradients(step).flatMap((weight) => [
    weight.variable,
    ...fused.slots(weight),
  ]);
  return [...weights, ...(fused.shared ?? [])].map(({ name }) => name);
}
