/** Adds one traced step of a model to its graph: once, or for each device. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { DeviceGroup } from "../distributed";
import type { KeySource } from "../engine";
import {
  assemble,
  assembleReplicas,
  type Feed,
  type GraphBuilder,
  NotCompilableError,
  type Output,
  type Replica,
  type StepPlace,
  type StepValues,
} from "../graph";
import { DType } from "../tfjs";
import { castTo, fetchable, packNumbers } from "./results";
import type { StepRequest } from "./stepRequest";
import { inputName, LEARNING_RATE } from "./traceOnce";
import type { TracedStep } from "./traceStep";
import { addUpdates, fusedChanges, type Shared } from "./updates";

/** A step in the session. */
export interface CompiledStep {
  request: StepRequest;
  traced: TracedStep;
  /** Placeholders of the inputs, in order; those of each device's part, one device after another. */
  inputs: Feed[];
  /** Placeholder of the learning rate; none where the step changes nothing. */
  learningRate: Feed | undefined;
  fetches: Output[];
  /** The node that runs all updates; none where the step changes nothing. */
  target: string | undefined;
  /** Where the random keys of a run come from, in order. */
  keys: KeySource[];
  /** One placeholder for each device. */
  keysFeeds: Feed[];
  /** Names of the variables that the step changes. */
  changes: string[];
  /** Several such steps as XLA compiles them; none where it isn't asked to, or has been found not to. */
  loop?: CompiledLoop;
}

/** Several steps as XLA compiles them, in the session. */
export interface CompiledLoop {
  /** How many steps are taken, then each batch's columns behind those of the one before, rates, and keys. */
  feeds: Feed[];
  /** float32 [steps, numbers of a step]. */
  fetch: Output;
}

/** What a step is given, once or for each device. */
interface Entrance {
  feeds: Feed[];
  keysFeed: Feed;
  values: StepValues;
}

/** Adds a step; variables that its devices share are on the first. */
export function addStep(
  graph: GraphBuilder,
  { request, traced }: { request: StepRequest; traced: TracedStep },
  shared: Shared & { devices: DeviceGroup | undefined },
): CompiledStep {
  const { general } = traced;
  const { parameters = [], name: prefix } = request;
  const further = parameters.map((name) => addFeed(graph, `${prefix}/${name}`, DType.float32, []));
  const place: StepPlace = {
    graph,
    parameters: {
      [LEARNING_RATE]: shared.learningRate,
      ...Object.fromEntries(parameters.map((name, i) => [name, further[i]!.name])),
    },
    variable: shared.variable,
  };
  const entrances: Entrance[] = [];
  const enter = (): StepValues => {
    const entrance = addEntrance(graph, request, general.keys.length);
    entrances.push(entrance);
    return entrance.values;
  };
  const replicas = shared.devices?.devices.map(
    (device): Replica => ({ device, ...graph.on(device, enter) }),
  );
  const steps =
    replicas === undefined
      ? [assemble(general, { ...place, ...enter() })]
      : assembleReplicas(general, replicas, place);
  const step = steps[0]!;
  const fetches = request.packed
    ? [packNumbers(graph, step.outputs)]
    : steps.flatMap(({ outputs }) => outputs.map((output) => fetchable(graph, output)));
  const updates = addUpdates(graph, request, { step, shared, results: fetches });
  const changes = [...new Set([...step.updates.keys(), ...fusedChanges(request, step)])];
  return {
    request,
    traced,
    inputs: [...entrances.flatMap(({ feeds }) => feeds), ...further],
    learningRate:
      updates.length > 0
        ? { name: shared.learningRate, dtype: DType.float32, shape: [] }
        : undefined,
    fetches,
    target: updates.length > 0 ? graph.group(updates, `${prefix}/updates`) : undefined,
    keys: general.keys,
    keysFeeds: entrances.map(({ keysFeed }) => keysFeed),
    changes,
  };
}

function addEntrance(graph: GraphBuilder, request: StepRequest, draws: number): Entrance {
  const { inputs, isWhole = false, name: prefix } = request;
  const feeds = inputs.map(({ shape, dtype, fed }, i) =>
    addFeed(graph, `${prefix}/input_${i}`, fed ?? dtypeNumber(dtype), [
      ...(isWhole ? [] : [-1]),
      ...shape,
    ]),
  );
  const values = feeds.map(({ name, dtype }, i) =>
    castTo(graph, name, { from: dtype, to: dtypeNumber(inputs[i]!.dtype) }),
  );
  const keysFeed = addFeed(graph, `${prefix}/keys`, DType.int32, [draws, 2]);
  return {
    feeds,
    keysFeed,
    values: {
      inputs: Object.fromEntries(values.map((value, i) => [inputName(i), value])),
      keys: keysFeed.name,
      batch: isWhole ? graph.int32(1) : addBatchSize(graph, feeds[0]!.name),
    },
  };
}

function addFeed(graph: GraphBuilder, name: string, dtype: number, shape: number[]): Feed {
  return { name: graph.placeholder(name, dtype, shape), dtype, shape };
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
