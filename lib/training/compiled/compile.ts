/** Compiles the steps of one model into one TensorFlow graph that shares the model's variables. */
import { setImmediate as pause } from "node:timers/promises";
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { DType, hasConvPool, type KeySource, reserveMemory, useNativeKernels } from "../../engine";
import {
  activateAfterPooling,
  assemble,
  GraphBuilder,
  type GraphVariable,
  loadOpRegistry,
  type Output,
  openPooledSession,
  type PooledSession,
  useBfloat16,
  useBiasKernels,
  useConvPool,
} from "../../graph";
import { addManySteps, type CompiledLoop, type LoopRequest } from "./manySteps";
import { inputName, LEARNING_RATE, type StepRequest, traceStep } from "./traceStep";
import { addUpdates, fusedChanges, type Shared } from "./updates";
import { registeredVariables } from "./variables";

/** A step in the session. */
export interface CompiledStep {
  /** Placeholder names, in the order of the inputs. */
  feeds: string[];
  fetches: Output[];
  /** The node that runs all updates; none where the step changes nothing. */
  target: string | undefined;
  /** Where the random keys of a run come from, in order. */
  keys: KeySource[];
  keysFeed: string;
  /** Names of the variables that the step changes. */
  changes: string[];
}

/** A variable in the session and how to reach it. */
export interface SessionVariable {
  variable: Variable;
  /** Fetch of its value. */
  read: Output;
  /** Placeholder and node that set it. */
  feed: string;
  assign: string;
}

/** All steps of a model in one session. */
export interface CompiledModel {
  pooled: PooledSession;
  steps: Map<string, CompiledStep>;
  /** Loops over steps, by the step's name. */
  loops: Map<string, CompiledLoop>;
  variables: Map<string, SessionVariable>;
}

/**
 * Traces and compiles steps, in parts of some milliseconds between which the event loop turns.
 *
 * @param requests The steps; they share variables.
 * @param options.precision `"bfloat16"` computes the heavy ops in it.
 * @param options.batchSize Examples in a usual batch; memory is reserved for them.
 * @param options.loops Loops over the steps. None by default.
 * @throws NotCompilableError when a step can't become a graph.
 */
export async function compileSteps(
  requests: StepRequest[],
  options: { precision: "float32" | "bfloat16"; batchSize: number; loops?: LoopRequest[] },
): Promise<CompiledModel> {
  useNativeKernels();
  loadOpRegistry();
  await pause();
  const graph = new GraphBuilder();
  const learningRate = graph.placeholder(LEARNING_RATE, DType.float32, []);
  const variables = new Map<string, GraphVariable>();
  const tfjsVariables = new Map<string, Variable>();
  const variable = (name: string): GraphVariable => {
    let made = variables.get(name);
    if (made === undefined) {
      const source = registeredVariables()[name]!;
      made = graph.variable(`variables/${name}`, dtypeNumber(source.dtype), source.shape);
      variables.set(name, made);
      tfjsVariables.set(name, source);
    }
    return made;
  };
  const steps = new Map<string, CompiledStep>();
  for (const request of requests) {
    steps.set(request.name, await addStep(graph, request, { learningRate, variable }));
    await pause();
  }
  useBiasKernels(graph);
  activateAfterPooling(graph);
  const { loops = [] } = options;
  if (hasConvPool() && !loops.some(({ xla }) => xla)) useConvPool(graph);
  if (options.precision === "bfloat16") useBfloat16(graph);
  if (steps.has("train")) reserveFor(graph, options.batchSize);
  const sessionVariables = new Map<string, SessionVariable>();
  for (const [name, made] of variables) {
    const feed = graph.placeholder(`set/${name}`, made.dtype, made.shape);
    const assign = graph.assign(made, feed);
    sessionVariables.set(name, {
      variable: tfjsVariables.get(name)!,
      read: made.read,
      feed,
      assign,
    });
  }
  const madeLoops = new Map<string, CompiledLoop>();
  for (const loop of loops) {
    const step = steps.get(loop.step)!;
    const { inputs } = requests.find(({ name }) => name === loop.step)!;
    const context = { graph, step, inputs, learningRate, dtypeNumber };
    madeLoops.set(loop.step, addManySteps(context, loop));
  }
  const pooled = openPooledSession(graph);
  return { pooled, steps, loops: madeLoops, variables: sessionVariables };
}

async function addStep(
  graph: GraphBuilder,
  request: StepRequest,
  shared: Shared,
): Promise<CompiledStep> {
  const general = await traceStep(request);
  const prefix = request.name;
  const feeds = request.inputs.map(({ shape, dtype }, i) =>
    graph.placeholder(`${prefix}/input_${i}`, dtypeNumber(dtype), [-1, ...shape]),
  );
  const keysFeed = graph.placeholder(`${prefix}/keys`, DType.int32, [general.keys.length, 2]);
  const step = assemble(general, {
    graph,
    inputs: Object.fromEntries(feeds.map((feed, i) => [inputName(i), feed])),
    parameters: { [LEARNING_RATE]: shared.learningRate },
    keys: keysFeed,
    batch: addBatchSize(graph, feeds[0]!),
    variable: shared.variable,
  });
  const updates = addUpdates(graph, request, { step, shared });
  const changes = [...new Set([...step.updates.keys(), ...fusedChanges(request, step)])];
  return {
    feeds,
    fetches: request.scalars
      ? [packScalars(graph, step.outputs)]
      : step.outputs.map((output) => fetchable(graph, output)),
    target: updates.length > 0 ? graph.group(updates, `${prefix}/updates`) : undefined,
    keys: general.keys,
    keysFeed,
    changes,
  };
}

/** A value of its own for a result: passes may change the node that made it, but not what is fetched. */
function fetchable(graph: GraphBuilder, output: Output): Output {
  const dtype = graph.dtypeOf(output)!;
  return graph.op("Identity", [output], {
    attrs: { T: { type: dtype } },
    shapes: [graph.shapeOf(output)],
    dtypes: [dtype],
  });
}

function packScalars(graph: GraphBuilder, scalars: Output[]): Output {
  const floats = scalars.map((value) => {
    const dtype = graph.dtypeOf(value);
    if (dtype === DType.float32 || dtype === undefined) return value;
    return graph.op("Cast", [value], {
      attrs: { SrcT: { type: dtype }, DstT: { type: DType.float32 } },
      dtypes: [DType.float32],
    });
  });
  return graph.op("Pack", floats, {
    attrs: { N: { int: floats.length }, T: { type: DType.float32 }, axis: { int: 0 } },
    dtypes: [DType.float32],
  });
}

/** Adds the batch size of an input, an int32 scalar, to a graph. */
export function addBatchSize(graph: GraphBuilder, input: Output): Output {
  const int32 = { type: DType.int32 };
  const dtype = graph.dtypeOf(input)!;
  const shape = graph.op("Shape", [input], { attrs: { T: { type: dtype }, out_type: int32 } });
  const bounds = [graph.int32([0]), graph.int32([1]), graph.int32([1])];
  return graph.op("StridedSlice", [shape, ...bounds], {
    attrs: { T: int32, Index: int32, shrink_axis_mask: { int: 1 } },
    shapes: [[]],
    dtypes: [DType.int32],
  });
}

/** TensorFlow's number of a dtype of tfjs. */
export function dtypeNumber(dtype: Tensor["dtype"]): number {
  if (dtype === "complex64") throw new Error("complex tensors have no place in a model");
  return DType[dtype];
}

/** Steps whose largest tensor is smaller gain little or nothing; measured on the benchmark's networks. */
const LARGE_BYTES = 2 ** 27;

/** The size of the region, in largest tensors; measured on VGG16, where more gains nothing. */
const HELD_TENSORS = 8;

/** Reserves memory in one piece for a graph of large tensors. */
function reserveFor(graph: GraphBuilder, batchSize: number): void {
  let largest = 0;
  for (const { shapes } of graph.nodes) {
    for (const shape of shapes) {
      const size = shape?.reduce((product, size) => product * (size < 0 ? batchSize : size), 4);
      if (size !== undefined) largest = Math.max(largest, size);
    }
  }
  if (largest >= LARGE_BYTES) reserveMemory(HELD_TENSORS * largest);
}
