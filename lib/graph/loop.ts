/** Loops, and calls of what XLA compiles, as nodes of a graph. */
import { DType } from "../engine";
import type { GraphAttr } from "./attributes";
import { addFunction, type FunctionResults, type FunctionTypes } from "./functions";
import type { GraphBuilder, Output } from "./graphBuilder";

/** A value that goes around in a loop or into a function, with its dtype. */
export interface TypedValue {
  value: Output;
  dtype: number;
}

/** What a loop does. */
export interface LoopParts {
  /** Names the loop's functions. */
  name: string;
  /** dtypes of its state. */
  types: number[];
  /** Whether it stands in a function that XLA compiles. */
  compiled: boolean;
  /** Adds a bool scalar of the state: whether to go on. */
  condition(body: GraphBuilder, state: Output[]): Output;
  /** Adds one turn; as many results as there is state. Effects must be led to by the results' control edges. */
  turn(body: GraphBuilder, state: Output[]): FunctionResults;
}

/**
 * Defines a loop whose turns come one after another.
 *
 * @returns Adds the loop to the graph: from the state that it starts with to that at the end.
 */
export function defineLoop(graph: GraphBuilder, parts: LoopParts): (state: Output[]) => Output[] {
  const { name, types, compiled, condition, turn } = parts;
  const [condName, bodyName] = [`${name}_condition`, `${name}_turn`];
  addFunction(graph, condName, { arguments: types, results: [DType.bool] }, (body, values) => ({
    outputs: [condition(body, values)],
  }));
  addFunction(graph, bodyName, { arguments: types, results: types }, turn);
  const attrs: Record<string, GraphAttr> = {
    T: { types },
    cond: { function: condName },
    body: { function: bodyName },
    parallel_iterations: { int: 1 },
    // Its turns run in the session's own executor. XLA knows no such turns.
    ...(!compiled && { _lower_using_switch_merge: { bool: true } }),
  };
  return (state) => results(graph.op("While", state, { name, attrs, dtypes: types }), types);
}

/**
 * Defines a function that XLA compiles, at its first call for each shape of the arguments.
 *
 * @param options.name Names the function.
 * @param options.types dtypes of its arguments, resources last, and of its results.
 * @param options.build Makes its body.
 * @returns Adds a call to the graph. A run of it fails where XLA can't compile the body.
 */
export function defineCompiled(
  graph: GraphBuilder,
  options: {
    name: string;
    types: FunctionTypes;
    build: (body: GraphBuilder, values: Output[]) => FunctionResults;
  },
): (values: Output[]) => Output[] {
  const { name, types, build } = options;
  addFunction(graph, `${name}_function`, types, build);
  const attrs: Record<string, GraphAttr> = {
    Tin: { types: types.arguments },
    Tout: { types: types.results },
    f: { function: `${name}_function` },
    // On the node: TensorFlow does not look for it in the function.
    _XlaMustCompile: { bool: true },
  };
  return (values) => {
    const dtypes = types.results;
    return results(graph.op("StatefulPartitionedCall", values, { name, attrs, dtypes }), dtypes);
  };
}

function results(node: string, types: number[]): Output[] {
  return types.map((_, i) => (i === 0 ? node : `${node}:${i}`));
}
