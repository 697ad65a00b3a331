/** Compiles the steps of one model into one TensorFlow graph that shares the model's variables. */
import { setImmediate as pause } from "node:timers/promises";
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import type { DeviceGroup, WorkerGroup } from "../distributed";
import { engine } from "../engine";
import {
  convolves,
  GraphBuilder,
  type GraphVariable,
  keepNormalizationApart,
  loadOpRegistry,
  normalizesConvolutions,
  type Output,
  type PooledGraph,
  poolGraph,
} from "../graph";
import { DType, registeredVariables, useNativeKernels } from "../tfjs";
import { addLoop } from "./addLoop";
import { addStep, type CompiledStep, dtypeNumber } from "./addStep";
import { loopPassesFor, passesFor } from "./passes";
import {
  type BatchSizes,
  FEW_EXAMPLES,
  largestTensor,
  parallelFor,
  reserveFor,
  spareMemory,
} from "./sizes";
import type { StepRequest } from "./stepRequest";
import { LEARNING_RATE } from "./traceOnce";
import { type TracedStep, traceStep } from "./traceStep";

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
  /** The batches, or parts of them, that it is for. */
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
 * @param options.precision `"bfloat16"` computes the heavy ops in it, where that is faster.
 * @param options.group The workers that compute together. None by default.
 * @param options.devices The devices that do; variables are on the first. None by default.
 * @param options.sizes Sizes of the parts that the devices have of a batch, largest first. The requests' by default.
 * @param options.loops Whether the step that trains is added as a loop for XLA, too. False by default.
 * @param options.trace How a step is traced. `traceStep` by default.
 * @throws NotCompilableError when a step can't become a graph.
 */
export async function compileSteps(
  requests: StepRequest[],
  options: {
    precision: "float32" | "bfloat16";
    group?: WorkerGroup;
    devices?: DeviceGroup;
    sizes?: readonly number[];
    loops?: boolean;
    trace?: (request: StepRequest) => Promise<TracedStep>;
  },
): Promise<CompiledModel> {
  const { trace = traceStep, group, devices, sizes = [requests[0]!.size] } = options;
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
      made = graph.on(devices?.devices[0], () =>
        graph.variable(numbered, dtypeNumber(source.dtype), source.shape),
      );
      variables.set(name, made);
      tfjsVariables.set(name, source);
    }
    return made;
  };
  const steps = new Map<string, CompiledStep>();
  for (const request of requests) {
    const traced = await trace(request);
    await pause();
    steps.set(
      request.name,
      addStep(graph, { request, traced }, { learningRate, variable, devices }),
    );
    await pause();
  }
  const changed = new Set(
    [...steps.values()].flatMap(({ changes }) =>
      changes.map((name) => variables.get(name)!.handle),
    ),
  );
  const kept: string[] = [];
  const isFixed = (handle: string) => !changed.has(handle);
  const { precision } = options;
  const training = steps.get("train");
  const trains = training !== undefined;
  const isFew = Math.max(...sizes) <= FEW_EXAMPLES;
  const serves = !trains && group === undefined && devices === undefined && isFew;
  const batchSize = requests[0]!.size;
  for (const pass of passesFor({ precision, batchSize, isFixed, serves, kept })) {
    await pass(graph);
    await pause();
  }
  const batchSizes = batchSizesOf(graph, sizes);
  await pause();
  if (options.loops && training?.learningRate !== undefined) {
    training.loop = addLoop(graph, training, { variable, passes: loopPassesFor(options) });
    await pause();
  }
  const largest = largestTensor(graph, requests[0]!.size);
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
  const parallel = parallelFor(largest, { trains, convolves: convolves(graph) });
  const place = group?.placeFor(options.precision) ?? devices?.place;
  const pooled = await poolGraph(graph, { parallel, place });
  return { graph: pooled, batchSizes, steps, variables: sessionVariables, refresh, broadcast };
}

/** Readies a graph for batches as large as some, where others need another graph; says for which batches it is. */
function batchSizesOf(graph: GraphBuilder, given: readonly number[]): BatchSizes {
  const [least, most] = [Math.min(...given), Math.max(...given)];
  const spared = spareMemory(graph, least);
  const all = { ...spared, max: Math.max(spared.max, most) };
  const sizes = convolves(graph) ? { ...all, max: FEW_EXAMPLES } : all;
  if (!engine().oneDNN || !normalizesConvolutions(graph)) return sizes;
  if (least > 1) return { ...sizes, min: Math.max(2, sizes.min) };
  keepNormalizationApart(graph);
  return { min: 1, max: most };
}
