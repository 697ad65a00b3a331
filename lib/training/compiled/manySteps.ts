/**
 * Many steps in one call: a loop inside the graph around a compiled step.
 *
 * The turns of the loop are the step itself, copied: each turn takes one batch, its random keys and its learning rate
 * out of what was fed for all, and sees the weights that the turn before it left. On a GPU the loop can be compiled
 * by XLA as a whole; then the GPU never waits for a call.
 */
import { DType } from "../../engine";
import { defineCompiled, type GraphBuilder, neededNodes, type Output } from "../../graph";
import type { CompiledStep } from "./compile";
import { defineTurns, type LoopContext, rootsOf, type TurnParts } from "./loopTurns";

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
   * Keeps the batches of two calls in the session: `stage` brings those of the next while `runMany` runs. False by
   * default; not together with `resident`.
   */
  staged?: boolean;
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
  /** How what is kept in the session is set: all examples, or the batches of the one and the other call. */
  kept: { feed: string; assign: string; dtype: number }[][];
  /** Placeholders of the keys of all turns, scrambled ones for XLA; none where the step draws nothing. */
  keys: { plain: string; xla: string } | undefined;
  /** Placeholder of the learning rates of all turns. */
  ratesFeed: string;
  /** Placeholder of the number of turns; none where it is that of the batches. */
  turnsFeed: string | undefined;
  /** The results of all turns, [turns, results]; for batches that are kept, of the one and the other call. */
  calls: { plain: Output; xla: Output | undefined }[];
}

/** Adds the loop of a request to the graph of its step; after the passes, which the copies then have been through. */
export function addManySteps(context: LoopContext, request: LoopRequest): CompiledLoop {
  const { graph, step } = context;
  const prefix = `${request.step}/many`;
  const ratesFeed = graph.placeholder(`${prefix}/learning_rates`, DType.float32, [-1]);
  const stored = context.inputs.map(({ dtype }, i) => {
    const kept = request.stored?.[i] ?? context.dtypeNumber(dtype);
    // TensorFlow keeps variables of int32 in the host's memory, where a loop on a GPU can't have them.
    const isVariable = request.resident !== undefined || request.staged;
    return isVariable && kept === DType.int32 ? DType.int64 : kept;
  });
  const sources = addSources(context, { ...request, prefix, stored });
  const turnsFeed = request.counted
    ? graph.placeholder(`${prefix}/turns`, DType.int32, [])
    : undefined;
  const keys = addKeys(context, prefix);
  const variables = variableHandles(graph, step);
  const { handles } = sources;
  const parts = {
    context,
    stored,
    sources: sources.slots[0]!.length,
    counted: turnsFeed !== undefined,
    resident: handles.length > 0,
    variables,
  };
  const args = (key: Output | undefined, slot: Output[]) => [
    ...[turnsFeed, ratesFeed, key].filter((feed) => feed !== undefined),
    ...[...slot, ...handles, ...variables],
  ];
  const typesOf = (values: Output[]) => values.map((value) => graph.dtypeOf(value)!);
  const types = typesOf(args(keys?.plain, sources.slots[0]!));
  const plain = defineTurns(graph, `${prefix}/plain`, { types, parts, compiled: false });
  const xla = request.xla
    ? defineXla(graph, prefix, { types: typesOf(args(keys?.xla, sources.slots[0]!)), parts })
    : undefined;
  return {
    feeds: sources.feeds,
    kept: sources.kept,
    keys,
    ratesFeed,
    turnsFeed,
    calls: sources.slots.map((slot) => ({
      plain: plain(args(keys?.plain, slot)),
      xla: xla?.(args(keys?.xla, slot)),
    })),
  };
}

function defineXla(
  graph: GraphBuilder,
  prefix: string,
  { types, parts }: { types: number[]; parts: TurnParts },
): (args: Output[]) => Output {
  const call = defineCompiled(graph, {
    name: `${prefix}/xla`.replaceAll("/", "_"),
    types: { arguments: types, results: [DType.float32] },
    build: (body, values) => {
      const turns = defineTurns(body, `${prefix}/compiled`, { types, parts, compiled: true });
      return { outputs: [turns(values)] };
    },
  });
  return (args) => call(args)[0]!;
}

/** Where the batches of a loop come from. */
interface Sources extends Pick<CompiledLoop, "feeds" | "kept"> {
  /** For each call that can be made: the batches of all turns, or their indices. */
  slots: Output[][];
  /** Variables with all examples. */
  handles: Output[];
}

function addSources(
  { graph, inputs }: LoopContext,
  options: { prefix: string; stored: number[]; resident?: number; staged?: boolean },
): Sources {
  const { prefix, stored, resident: examples, staged = false } = options;
  const keep = (name: string, leading: number[]) =>
    inputs.map((input, i) => {
      const [dtype, shape] = [stored[i]!, [...leading, ...input.shape]];
      const data = graph.variable(`${prefix}/${name}_${i}`, dtype, shape);
      const feed = graph.placeholder(`${prefix}/set_${name}_${i}`, dtype, shape);
      return { data, feed, assign: graph.assign(data, feed), dtype };
    });
  if (examples !== undefined) {
    const kept = keep("examples", [examples]);
    const indices = graph.placeholder(`${prefix}/indices`, DType.int32, [-1, -1]);
    return {
      feeds: [indices],
      slots: [[indices]],
      kept: [kept],
      handles: kept.map(({ data }) => data.handle),
    };
  }
  if (staged) {
    const kept = [keep("first", [-1, -1]), keep("second", [-1, -1])];
    return {
      feeds: [],
      slots: kept.map((slot) => slot.map(({ data }) => data.read)),
      kept,
      handles: [],
    };
  }
  const feeds = inputs.map(({ shape }, i) =>
    graph.placeholder(`${prefix}/batches_${i}`, stored[i]!, [-1, -1, ...shape]),
  );
  return { feeds, slots: [feeds], kept: [], handles: [] };
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
function variableHandles(graph: GraphBuilder, step: CompiledStep): Output[] {
  const needed = neededNodes(graph, rootsOf(step));
  return graph.nodes
    .filter(({ name, op }) => op === "VarHandleOp" && needed.has(name))
    .map(({ name }) => name);
}
