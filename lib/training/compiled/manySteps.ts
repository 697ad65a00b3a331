/**
 * Many steps in one call: a loop inside the graph around a compiled step.
 *
 * The turns of the loop are the step itself, copied: each turn takes one batch, its random keys and its learning rate
 * out of what was fed for all, and sees the weights that the turn before it left. On a GPU the loop can be compiled
 * by XLA as a whole; then the GPU never waits for a call.
 */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { DType } from "../../engine";
import {
  addCompiledCall,
  addLoop,
  composeForXla,
  copySubgraph,
  type GraphBuilder,
  neededNodes,
  type Output,
  type TypedValue,
} from "../../graph";
import type { CompiledStep } from "./compile";
import { cast, lengthOf, setRow, sliceAt } from "./loopOps";
import type { TensorSpec } from "./traceStep";

/** A loop to make. */
export interface LoopRequest {
  /** The step's name; its results must be packed scalars. */
  step: string;
  /** The dtype in which each input is kept until its step takes it, one of `DType`; its own by default. */
  stored?: (number | undefined)[];
  /**
   * Keeps all examples in the session, on the GPU where there is one, this many: `runMany` then takes indices.
   * Fed batches by default.
   */
  resident?: number;
  /**
   * Feeds the number of turns, which may then be less than the batches: one compilation by XLA does for all.
   * False by default: all batches.
   */
  counted?: boolean;
  /** Compiles the loop with XLA; `runMany` falls back on the plain loop where that fails. False by default. */
  xla?: boolean;
}

/** A loop in the session. */
export interface CompiledLoop {
  /** Placeholders of the batches of all turns, or that of their indices. */
  feeds: string[];
  /** For a loop over resident examples: how each input's are set. */
  resident: { feed: string; assign: string }[];
  /** Placeholders of the keys of all turns, scrambled ones for XLA; none where the step draws nothing. */
  keys: { plain: string; xla: string } | undefined;
  /** Placeholder of the learning rates of all turns. */
  ratesFeed: string;
  /** Placeholder of the number of turns; none where it is that of the batches. */
  turnsFeed: string | undefined;
  /** The results of all turns, [turns, results]. */
  plain: Output;
  xla: Output | undefined;
}

/** What a loop is made around. */
export interface LoopContext {
  graph: GraphBuilder;
  step: CompiledStep;
  inputs: TensorSpec[];
  /** The feed of the learning rate of a single step. */
  learningRate: Output;
  dtypeNumber(dtype: Variable["dtype"]): number;
}

/** Adds the loop of a request to the graph of its step; after the passes, which the copies then have been through. */
export function addManySteps(context: LoopContext, request: LoopRequest): CompiledLoop {
  const { graph, step } = context;
  const prefix = `${request.step}/many`;
  const ratesFeed = graph.placeholder(`${prefix}/learning_rates`, DType.float32, [-1]);
  const stored = context.inputs.map(
    ({ dtype }, i) => request.stored?.[i] ?? context.dtypeNumber(dtype),
  );
  const { feeds, resident, handles } = addSources(context, { ...request, prefix, stored });
  const turnsFeed = request.counted
    ? graph.placeholder(`${prefix}/turns`, DType.int32, [])
    : undefined;
  const keys = addKeys(context, prefix);
  const variables = variableHandles(graph, step);
  const typed = (value: Output) => ({ value, dtype: graph.dtypeOf(value)! });
  const args = (key: Output | undefined) => [
    ...[turnsFeed, ratesFeed, key, ...feeds].filter((feed) => feed !== undefined).map(typed),
    ...handles,
    ...variables,
  ];
  const parts = {
    context,
    stored,
    sources: feeds.length,
    counted: turnsFeed !== undefined,
    resident: handles.length > 0,
    variables: variables.map(({ value }) => value),
  };
  const plain = addTurns(graph, `${prefix}/plain`, {
    args: args(keys?.plain),
    parts,
    compiled: false,
  });
  let xla: Output | undefined;
  if (request.xla) {
    const values = args(keys?.xla);
    [xla] = addCompiledCall(graph, {
      name: `${prefix}/xla`.replaceAll("/", "_"),
      values,
      results: [DType.float32],
      build: (body, outer) => {
        const inner = values.map(({ dtype }, i) => ({ value: outer[i]!, dtype }));
        const name = `${prefix}/compiled`;
        return { outputs: [addTurns(body, name, { args: inner, parts, compiled: true })] };
      },
    });
  }
  return { feeds, resident, keys, ratesFeed, turnsFeed, plain, xla };
}

/** What the batches are taken from: placeholders of these, or of their indices and variables with the examples. */
function addSources(
  { graph, inputs }: LoopContext,
  options: { prefix: string; stored: number[]; resident?: number },
): Pick<CompiledLoop, "feeds" | "resident"> & { handles: TypedValue[] } {
  const { prefix, stored, resident: examples } = options;
  if (examples === undefined) {
    const feeds = inputs.map(({ shape }, i) =>
      graph.placeholder(`${prefix}/batches_${i}`, stored[i]!, [-1, -1, ...shape]),
    );
    return { feeds, resident: [], handles: [] };
  }
  const made = inputs.map((input, i) => {
    const shape = [examples, ...input.shape];
    const data = graph.variable(`${prefix}/examples_${i}`, stored[i]!, shape);
    const feed = graph.placeholder(`${prefix}/set_${i}`, stored[i]!, shape);
    return { data, feed, assign: graph.assign(data, feed) };
  });
  return {
    feeds: [graph.placeholder(`${prefix}/indices`, DType.int32, [-1, -1])],
    resident: made.map(({ feed, assign }) => ({ feed, assign })),
    handles: made.map(({ data }) => ({ value: data.handle, dtype: DType.resource })),
  };
}

function addKeys({ graph, step }: LoopContext, prefix: string): CompiledLoop["keys"] {
  const draws = step.keys.length;
  if (draws === 0) return undefined;
  return {
    plain: graph.placeholder(`${prefix}/keys`, DType.int32, [-1, draws, 2]),
    xla: graph.placeholder(`${prefix}/scrambled_keys`, DType.int64, [-1, draws, 2]),
  };
}

/** The variables that a step touches, as resources. */
function variableHandles(graph: GraphBuilder, step: CompiledStep): TypedValue[] {
  const needed = neededNodes(graph, rootsOf(step));
  return graph.nodes
    .filter(({ name, op }) => op === "VarHandleOp" && needed.has(name))
    .map(({ name }) => ({ value: name, dtype: DType.resource }));
}

function rootsOf({ fetches, target }: CompiledStep): string[] {
  return target === undefined ? fetches : [...fetches, target];
}

interface TurnParts {
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

/** Adds the loop itself; returns the results of all turns. */
function addTurns(
  graph: GraphBuilder,
  name: string,
  { args, parts, compiled }: { args: TypedValue[]; parts: TurnParts; compiled: boolean },
): Output {
  const [turns, rest] = parts.counted ? [args[0]!.value, args.slice(1)] : [undefined, args];
  const count = lengthOf(graph, rest[0]!);
  const results = parts.context.graph.node(parts.context.step.fetches[0]!).inputs.length;
  const shape = graph.op("Pack", [count, graph.int32(results)], {
    attrs: { N: { int: 2 }, T: { type: DType.int32 }, axis: { int: 0 } },
    dtypes: [DType.int32],
  });
  const zeros = graph.op("Fill", [shape, graph.float32(0)], {
    attrs: { T: { type: DType.float32 }, index_type: { type: DType.int32 } },
    dtypes: [DType.float32],
  });
  const state = [
    { value: graph.int32(0), dtype: DType.int32 },
    { value: turns ?? count, dtype: DType.int32 },
    { value: zeros, dtype: DType.float32 },
    ...rest,
  ];
  return addLoop(graph, {
    name: name.replaceAll("/", "_"),
    compiled,
    state,
    condition: (body, [turn, turns]) =>
      body.op("Less", [turn!, turns!], {
        attrs: { T: { type: DType.int32 } },
        dtypes: [DType.bool],
      }),
    turn: (body, values) => addTurn(body, values, { parts, compiled }),
  })[2]!;
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
