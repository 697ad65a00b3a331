/** Loops, and calls of what XLA compiles, as nodes of a graph. */
import { DType } from "../engine";
import { addFunction, type FunctionResults } from "./functions";
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
  /** Whether it stands in a function that XLA compiles. */
  compiled: boolean;
  /** What the loop starts with. */
  state: TypedValue[];
  /** Adds a bool scalar of the state: whether to go on. */
  condition(body: GraphBuilder, state: Output[]): Output;
  /** Adds one turn; as many results as there is state. Effects must be led to by the results' control edges. */
  turn(body: GraphBuilder, state: Output[]): FunctionResults;
}

/**
 * Adds a loop whose turns come one after another.
 *
 * @returns The state at the end.
 */
export function addLoop(graph: GraphBuilder, parts: LoopParts): Output[] {
  const { name, compiled, state, condition, turn } = parts;
  const types = state.map(({ dtype }) => dtype);
  const [condName, bodyName] = [`${name}_condition`, `${name}_turn`];
  addFunction(graph, condName, { arguments: types, results: [DType.bool] }, (body, values) => ({
    outputs: [condition(body, values)],
  }));
  addFunction(graph, bodyName, { arguments: types, results: types }, turn);
  const loop = graph.op(
    "While",
    state.map(({ value }) => value),
    {
      name,
      attrs: {
        T: { types },
        cond: { function: condName },
        body: { function: bodyName },
        parallel_iterations: { int: 1 },
        // Its turns run in the session's own executor. XLA knows no such turns.
        ...(!compiled && { _lower_using_switch_merge: { bool: true } }),
      },
      dtypes: types,
    },
  );
  return state.map((_, i) => (i === 0 ? loop : `${loop}:${i}`));
}

/**
 * Adds a call of a function that XLA compiles, at its first run for each shape of the arguments.
 *
 * @param options.name Names the function.
 * @param options.values The arguments; resources come last.
 * @param options.results dtypes of the results.
 * @param options.build Makes the function's body.
 * @returns The results. A run fails where XLA can't compile the body.
 */
export function addCompiledCall(
  graph: GraphBuilder,
  options: {
    name: string;
    values: TypedValue[];
    results: number[];
    build: (body: GraphBuilder, values: Output[]) => FunctionResults;
  },
): Output[] {
  const { name, values, results, build } = options;
  const types = values.map(({ dtype }) => dtype);
  addFunction(graph, `${name}_function`, { arguments: types, results }, build);
  const call = graph.op(
    "StatefulPartitionedCall",
    values.map(({ value }) => value),
    {
      name,
      attrs: {
        Tin: { types },
        Tout: { types: results },
        f: { function: `${name}_function` },
        // On the node: TensorFlow does not look for it in the function.
        _XlaMustCompile: { bool: true },
      },
      dtypes: results,
    },
  );
  return results.map((_, i) => (i === 0 ? call : `${call}:${i}`));
}
