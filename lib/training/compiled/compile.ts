/** Compiles the steps of one model into one TensorFlow graph that shares the model's variables. */
import { setImmediate as pause } from "node:timers/promises";
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { DType, type KeySource, tf, useNativeKernels } from "../../engine";
import {
  type AssembledStep,
  assemble,
  GraphBuilder,
  type GraphVariable,
  generalize,
  loadOpRegistry,
  type Output,
  openPooledSession,
  type PooledSession,
  type Recorder,
  TRACED_SIZES,
  trace,
  useBfloat16,
  useBiasKernels,
} from "../../graph";
import type { FusedOptimizer, Weight } from "./fusedOptimizer";
import { registeredVariables, withVariablesRestored } from "./variables";

/** What a step takes: one entry for each tensor of a batch, without the batch dimension. */
export interface TensorSpec {
  shape: readonly number[];
  dtype: Tensor["dtype"];
}

/** A synchronous step of tfjs: tensors of a batch in, results out. */
export type StepFunction = (inputs: Tensor[]) => Tensor[];

/** One step to compile. */
export interface StepRequest {
  name: string;
  run: StepFunction;
  inputs: TensorSpec[];
  /** True packs the results, all scalars, into one vector: one fetch instead of many. */
  scalars: boolean;
  /** For a step that trains. */
  optimizer?: TrainedBy;
}

/** The optimizer of a step that trains. */
export interface TrainedBy {
  optimizer: {
    learningRate: number;
    setLearningRate?(value: number): void;
  };
  /** Undefined traces the optimizer's own formulas. */
  fused: FusedOptimizer | undefined;
}

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
  variables: Map<string, SessionVariable>;
}

/** The feed for the learning rate. */
export const LEARNING_RATE = "learning_rate";

/** A learning rate that nothing else in a step equals. */
const LEARNING_RATE_SENTINEL = 0.001234567089;

/**
 * Traces and compiles steps, in parts of some milliseconds between which the event loop turns.
 *
 * @param requests The steps; they share variables.
 * @param options.precision `"bfloat16"` computes the heavy ops in it.
 * @throws NotCompilableError when a step can't become a graph.
 */
export async function compileSteps(
  requests: StepRequest[],
  options: { precision: "float32" | "bfloat16" },
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
  if (options.precision === "bfloat16") useBfloat16(graph);
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
  return { pooled: openPooledSession(graph), steps, variables: sessionVariables };
}

interface Shared {
  learningRate: Output;
  variable: (name: string) => GraphVariable;
}

async function addStep(
  graph: GraphBuilder,
  request: StepRequest,
  shared: Shared,
): Promise<CompiledStep> {
  const first = traceStep(request, TRACED_SIZES[0]);
  await pause();
  const second = traceStep(request, TRACED_SIZES[1]);
  await pause();
  const general = generalize(first, second);
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

function traceStep(request: StepRequest, size: number) {
  const trained = request.optimizer;
  const tensors = request.inputs.map(({ shape, dtype }) => tf.zeros([size, ...shape], dtype));
  const inputs = Object.fromEntries(tensors.map((tensor, i) => [inputName(i), tensor]));
  try {
    return withVariablesRestored(() =>
      trace(
        (recorder) => {
          if (trained === undefined) return request.run(tensors);
          return withOptimizer(trained, recorder, () => request.run(tensors));
        },
        {
          inputs,
          parameters: trained === undefined ? {} : { [LEARNING_RATE]: LEARNING_RATE_SENTINEL },
        },
      ),
    );
  } finally {
    tf.dispose(tensors);
  }
}

/** Runs a step with a learning rate that the trace recognises, and with fused updates left to the graph. */
function withOptimizer<T>({ optimizer, fused }: TrainedBy, recorder: Recorder, fn: () => T): T {
  const { learningRate } = optimizer;
  const state = optimizer as { iterations_?: number };
  const iterations = state.iterations_;
  const set = (value: number) => {
    if (optimizer.setLearningRate) optimizer.setLearningRate(value);
    else optimizer.learningRate = value;
  };
  set(LEARNING_RATE_SENTINEL);
  const stop = fused?.intercept(({ name, index }, gradient) =>
    recorder.mark(`${index} ${name}`, gradient),
  );
  try {
    return fn();
  } finally {
    stop?.();
    set(learningRate);
    state.iterations_ = iterations;
  }
}

/** The weights whose gradients the trace marked. */
function weightGradients({ marks }: AssembledStep): (Weight & { gradient: Output })[] {
  return [...marks].map(([mark, gradient]) => {
    const space = mark.indexOf(" ");
    const variable = registeredVariables()[mark.slice(space + 1)]!;
    return { variable, index: Number(mark.slice(0, space)), gradient };
  });
}

/** The nodes that write variables: assignments that the step makes, then fused kernels. */
function addUpdates(
  graph: GraphBuilder,
  request: StepRequest,
  { step, shared }: { step: AssembledStep; shared: Shared },
): string[] {
  const assigned = new Map<string, string>();
  for (const [name, value] of step.updates) {
    const target = shared.variable(name);
    assigned.set(name, graph.assign(target, value, [target.read]));
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
    const control = [assigned.get(name) ?? shared.variable(name).read];
    return fused.update(context, { ...weight, control });
  });
  return [...names, ...kernels, ...(fused.finish?.(context, kernels) ?? [])];
}

function fusedChanges(request: StepRequest, step: AssembledStep): string[] {
  const fused = request.optimizer?.fused;
  if (fused === undefined) return [];
  const weights = weightGradients(step).flatMap((weight) => [
    weight.variable,
    ...fused.slots(weight),
  ]);
  return [...weights, ...(fused.shared ?? [])].map(({ name }) => name);
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

function inputName(index: number): string {
  return `input ${index}`;
}

/** TensorFlow's number of a dtype of tfjs. */
export function dtypeNumber(dtype: Tensor["dtype"]): number {
  if (dtype === "complex64") throw new Error("complex tensors have no place in a model");
  return DType[dtype];
}
