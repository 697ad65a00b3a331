/**
 * Many steps in one call: a loop inside the graph around a compiled step.
 *
 * The turns of the loop are the step itself, copied: each turn takes one batch, its random keys and its learning rate
 * out of what was fed for all, and sees the weights that the turn before it left. On a GPU the loop can be compiled
 * by XLA as a whole; then the GPU never waits for a call.
 */
import { DType } from "../../engine";
import {
  addCompiledCall,
  type GraphBuilder,
  neededNodes,
  type Output,
  type TypedValue,
} from "../../graph";
import type { CompiledStep } from "./compile";
import { addTurns, type LoopContext, rootsOf } from "./loopTurns";

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
  resident: { feed: string; assign: string; dtype: number }[];
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

/** Adds the loop of a request to the graph of its step; after the passes, which the copies then have been through. */
export function addManySteps(context: LoopContext, request: LoopRequest): CompiledLoop {
  const { graph, step } = context;
  const prefix = `${request.step}/many`;
  const ratesFeed = graph.placeholder(`${prefix}/learning_rates`, DType.float32, [-1]);
  const stored = context.inputs.map(({ dtype }, i) => {
    const kept = request.stored?.[i] ?? context.dtypeNumber(dtype);
    // TensorFlow keeps variables of int32 in the host's memory, where a loop on a GPU can't have them.
    return request.resident !== undefined && kept === DType.int32 ? DType.int64 : kept;
  });
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
    return { data, feed, assign: graph.assign(data, feed), dtype: stored[i]! };
  });
  return {
    feeds: [graph.placeholder(`${prefix}/indices`, DType.int32, [-1, -1])],
    resident: made.map(({ feed, assign, dtype }) => ({ feed, assign, dtype })),
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
