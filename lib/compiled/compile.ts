/** Compiles the steps of one model into one TensorFlow graph that shares the model's variables. */
import { setImmediate as pause } from "node:timers/promises";
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import type { WorkerGroup } from "../distributed";
import { engine, type KeySource } from "../engine";
import {
  assemble,
  type Feed,
  GraphBuilder,
  type GraphVariable,
  keepNormalizationApart,
  loadOpRegistry,
  NotCompilableError,
  normalizesConvolutions,
  type Output,
  type PooledGraph,
  poolGraph,
} from "../graph";
import { DType, registeredVariables, useNativeKernels } from "../tfjs";
import { passesFor } from "./passes";
import { castTo, fetchable, packNumbers } from "./results";
import { type BatchSizes, largestTensor, parallelFor, reserveFor, spareMemory } from "./sizes";
import type { StepRequest } from "./stepRequest";
import { inputName, LEARNING_RATE } from "./traceOnce";
import { type TracedStep, traceStep } from "./traceStep";
import { addUpdates, fusedChanges, type Shared } from "./updates";

/** A step in the session. */
export interface CompiledStep {
  request: StepRequest;
  traced: TracedStep;
  /** Placeholders of the inputs, in order. */
  inputs: Feed[];
  /** Placeholder of the learning rate; none where the step changes nothing. */
  learningRate: Feed | undefined;
  fetches: Output[];
  /** The node that runs all updates; none where the step changes nothing. */
  target: string | undefined;
  /** Where the random keys of a run come from, in order. */
  keys: KeySource[];
  keysFeed: Feed;
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

/** All steps of a model in one graph. */
export interface CompiledModel {
  graph: PooledGraph;
  /** The batches that it is for. */
  batchSizes: BatchSizes;
  steps: Map<string, CompiledStep>;
  variables: Map<string, SessionVariable>;
  /** The node that makes anew what is kept of variables; it must run when they have been set. */
  refresh: string | undefined;
  /** The node that gives all workers the chief's variables; none where there is one. */
  broadcast: string | undefined;
}

/**
 * Traces and compiles steps, in parts of some milliseconds between which the event loop turns.
 *
 * @param requests The steps; they share variables.
 * @param options.precision `"bfloat16"` computes the heavy ops in it.
 * @param options.group The workers that compute together. None by default.
 * @param options.trace How a step is traced. `traceStep` by default.
 * @throws NotCompilableError when a step can't become a graph.
 */
export async function compileSteps(
  requests: StepRequest[],
  options: {
    precision: "float32" | "bfloat16";
    group?: WorkerGroup;
    trace?: (request: StepRequest) => Promise<TracedStep>;
  },
): Promise<CompiledModel> {
  const { trace = traceStep, group } = options;
  useNativeKernels();
  await pause(); // what made the requests may have made an optimizer's slots
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
      // By number: under its layer's name, the next model of the same layers would be another graph.
      const numbered = `variables/${variables.size}`;
      made = graph.variable(numbered, dtypeNumber(source.dtype), source.shape);
      variables.set(name, made);
      tfjsVariables.set(name, source);
    }
    return made;
  };
  const steps = new Map<string, CompiledStep>();
  for (const request of requests) {
    const traced = await trace(request);
    await pause();
    steps.set(request.name, addStep(graph, { request, traced }, { learningRate, variable }));
    await pause();
  }
  const changed = new Set(
    [...steps.values()].flatMap(({ changes }) =>
      changes.map((name) => variables.get(name)!.handle),
    ),
  );
  const kept: string[] = [];
  const isFixed = (handle: string) => !changed.has(handle);
  for (const pass of passesFor({ precision: options.precision, isFixed, kept })) {
    pass(graph);
    await pause();
  }
  const batchSizes = batchSizesOf(graph, requests[0]!.size);
  await pause();
  const largest = largestTensor(graph, requests[0]!.size);
  const trains = steps.has("train");
  if (trains) reserveFor(largest);
  const sessionVariables = new Map<string, SessionVariable>();
  for (const [name, made] of variables) {
    const feed = graph.placeholder(`set/${made.name}`, made.dtype, made.shape);
    const assign = graph.assign(made, feed);
    sessionVariables.set(name, {
      variable: tfjsVariables.get(name)!,
      read: made.read,
      feed,
      assign,
    });
  }
  const broadcast = group?.addBroadcast(graph, [...variables.values()]);
  const refresh = kept.length > 0 ? graph.group(kept, "refresh") : undefined;
  const parallel = parallelFor(largest, { trains });
  const pooled = await poolGraph(graph, { parallel, place: group?.placeFor(options.precision) });
  return { graph: pooled, batchSizes, steps, variables: sessionVariables, refresh, broadcast };
}

/** Readies a graph for batches as large as one, where others need another graph; says for which batches it is. */
function batchSizesOf(graph: GraphBuilder, size: number): BatchSizes {
  const sizes = spareMemory(graph, size);
  if (!engine().oneDNN || !normalizesConvolutions(graph)) return sizes;
  if (size > 1) return { ...sizes, min: Math.max(2, sizes.min) };
  keepNormalizationApart(graph);
  return { min: 1, max: 1 };
}

function addStep(
  graph: GraphBuilder,
  { request, traced }: { request: StepRequest; traced: TracedStep },
  shared: Shared,
): CompiledStep {
  const { general } = traced;
  const { isWhole = false, parameters = [] } = request;
  const prefix = request.name;
  const feed = (name: string, dtype: number, shape: number[]): Feed => {
    return { name: graph.placeholder(name, dtype, shape), dtype, shape };
  };
  const inputs = request.inputs.map(({ shape, dtype, fed }, i) =>
    feed(`${prefix}/input_${i}`, fed ?? dtypeNumber(dtype), [...(isWhole ? [] : [-1]), ...shape]),
  );
  const values = inputs.map(({ name, dtype }, i) =>
    castTo(graph, name, { from: dtype, to: dtypeNumber(request.inputs[i]!.dtype) }),
  );
  const further = parameters.map((name) => feed(`${prefix}/${name}`, DType.float32, []));
  const keysFeed = feed(`${prefix}/keys`, DType.int32, [general.keys.length, 2]);
  const step = assemble(general, {
    graph,
    inputs: Object.fromEntries(values.map((value, i) => [inputName(i), value])),
    parameters: {
      [LEARNING_RATE]: shared.learningRate,
      ...Object.fromEntries(parameters.map((name, i) => [name, further[i]!.name])),
    },
    keys: keysFeed.name,
    batch: isWhole ? graph.int32(1) : addBatchSize(graph, inputs[0]!.name),
    variable: shared.variable,
  });
  const fetches = request.packed
    ? [packNumbers(graph, step.outputs)]
    : step.outputs.map((output) => fetchable(graph, output));
  const updates = addUpdates(graph, request, { step, shared, results: fetches });
  const changes = [...new Set([...step.updates.keys(), ...fusedChanges(request, step)])];
  return {
    request,
    traced,
    inputs: [...inputs, ...further],
    learningRate:
      updates.length > 0
        ? { name: shared.learningRate, dtype: DType.float32, shape: [] }
        : undefined,
    fetches,
    target: updates.length > 0 ? graph.group(updates, `${prefix}/updates`) : undefined,
    keys: general.keys,
    keysFeed,
    changes,
  };
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

/**
 * TensorFlow's number of a dtype of tfjs.
 *
 * @throws NotCompilableError for complex numbers.
 */
export function dtypeNumber(dtype: Tensor["dtype"]): number {
  if (dtype === "complex64") throw new NotCompilableError("the step has complex numbers");
  return DType[dtype];
}
