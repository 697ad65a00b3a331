/** The turns of a loop over steps: each a copy of the step, on what it takes out of the loop's arguments. */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { DType } from "../../engine";
import {
  composeForXla,
  copySubgraph,
  defineLoop,
  type GraphBuilder,
  type Output,
} from "../../graph";
import type { CompiledStep } from "./compile";
import { cast, lengthOf, setRow, sliceAt } from "./loopOps";
import type { TensorSpec } from "./traceStep";

/** What a loop is made around. */
export interface LoopContext {
  graph: GraphBuilder;
  step: CompiledStep;
  inputs: TensorSpec[];
  /** The feed of the learning rate of a single step. */
  learningRate: Output;
  dtypeNumber(dtype: Variable["dtype"]): number;
}

/** What a run of a step asks for. */
export function rootsOf({ fetches, target }: CompiledStep): string[] {
  return target === undefined ? fetches : [...fetches, target];
}

/** What the turns of a loop are made of. */
export interface TurnParts {
  context: LoopContext;
  stored: number[];
  /** How many arguments the batches, or their indices, take. */
  sources: number;
  /** Whether the first argument is the number of turns. */
  counted: boolean;
  resident: boolean;
  /** The handles of the variables that the step touches. */
  variables: Output[];
}

/** Defines the loop itself: from its arguments, of these dtypes, to the results of all turns. */
export function defineTurns(
  graph: GraphBuilder,
  name: string,
  { types, parts, compiled }: { types: number[]; parts: TurnParts; compiled: boolean },
): (args: Output[]) => Output {
  const int32 = { type: DType.int32 };
  const [ratesType, ...restTypes] = parts.counted ? types.slice(1) : types;
  const loop = defineLoop(graph, {
    name: name.replaceAll("/", "_"),
    types: [DType.int32, DType.int32, DType.float32, ratesType!, ...restTypes],
    compiled,
    condition: (body, [turn, turns]) =>
      body.op("Less", [turn!, turns!], { attrs: { T: int32 }, dtypes: [DType.bool] }),
    turn: (body, values) => addTurn(body, values, { parts, compiled }),
  });
  const { graph: stepGraph, step } = parts.context;
  const columns = stepGraph.node(step.fetches[0]!).inputs.length;
  return (args) => {
    const [turns, rest] = parts.counted ? [args[0], args.slice(1)] : [undefined, args];
    const count = lengthOf(graph, { value: rest[0]!, dtype: ratesType! });
    const shape = graph.op("Pack", [count, graph.int32(columns)], {
      attrs: { N: { int: 2 }, T: int32, axis: { int: 0 } },
      dtypes: [DType.int32],
    });
    const zeros = graph.op("Fill", [shape, graph.float32(0)], {
      attrs: { T: { type: DType.float32 }, index_type: int32 },
      dtypes: [DType.float32],
    });
    return loop([graph.int32(0), turns ?? count, zeros, ...rest])[2]!;
  };
}

/** Adds one step: what it takes out of the arguments, the step, and where its results go. */
function addTurn(
  body: GraphBuilder,
  [turn, turns, results, ...args]: Output[],
  { parts, compiled }: { parts: TurnParts; compiled: boolean },
): { outputs: Output[]; effects: string[] } {
  const { context, variables } = parts;
  const { graph, step, learningRate } = context;
  const taken = (from: Output) => sliceAt(body, from, turn!);
  const rest = [...args];
  const given = new Map<Output, Output>([[learningRate, taken(rest.shift()!)]]);
  const keys = step.keys.length > 0 ? taken(rest.shift()!) : undefined;
  if (keys !== undefined) given.set(step.keysFeed, keys);
  const sources = rest.splice(0, parts.sources).map(taken);
  const handles = rest.splice(-variables.length, variables.length);
  variables.forEach((variable, i) => {
    given.set(variable, handles[i]!);
  });
  batch(body, { sources, examples: rest, parts }).forEach((value, i) => {
    given.set(step.feeds[i]!, value);
  });
  const nameOf = copySubgraph(graph, rootsOf(step), { into: body, given });
  if (compiled) {
    // The rows of the keys are of another dtype than in the step itself.
    for (const { op, inputs, attrs } of body.nodes) {
      if (op === "Unpack" && inputs[0] === keys) attrs.T = { type: DType.int64 };
    }
    composeForXla(body);
  }
  const effects = step.target === undefined ? [] : [nameOf(step.target)];
  const next = body.op("AddV2", [turn!, body.int32(1)], {
    attrs: { T: { type: DType.int32 } },
    dtypes: [DType.int32],
    // The next turn begins when this one's weights are written.
    control: effects,
  });
  const row = nameOf(step.fetches[0]!);
  const stacked = setRow(body, { results: results!, turn: turn!, row });
  return { outputs: [next, turns!, stacked, ...args], effects };
}

/** The inputs of one step. */
function batch(
  body: GraphBuilder,
  { sources, examples, parts }: { sources: Output[]; examples: Output[]; parts: TurnParts },
): Output[] {
  const { context, stored, resident } = parts;
  return context.inputs.map(({ shape, dtype }, i) => {
    const from = stored[i]!;
    const value = resident
      ? body.op("ResourceGather", [examples[i]!, sources[0]!], {
          attrs: { dtype: { type: from }, Tindices: { type: DType.int32 } },
          dtypes: [from],
        })
      : sources[i]!;
    const taken = cast(body, value, { from, to: context.dtypeNumber(dtype) });
    body.node(taken).shapes = [[-1, ...shape]];
    return taken;
  });
}
