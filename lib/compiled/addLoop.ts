/** Adds a training step to a model's graph once more: as a loop over several steps that XLA compiles. */
import {
  assemble,
  type Feed,
  functionDef,
  GraphBuilder,
  type GraphVariable,
  type Output,
} from "../graph";
import { DType } from "../tfjs";
import { type CompiledLoop, dtypeNumber, addBatchSize as rowsOf } from "./addStep";
import { castTo, packNumbers } from "./results";
import { itemOf, shapeOf, stack, widthOf, withRow } from "./stacked";
import type { StepRequest } from "./stepRequest";
import { inputName, LEARNING_RATE } from "./traceOnce";
import type { TracedStep } from "./traceStep";
import { addUpdates } from "./updates";

/** What the loop shares with the graph around it. */
interface Surroundings {
  variable: (name: string) => GraphVariable;
  /** What rewrites the loop's own graph. */
  passes: readonly ((graph: GraphBuilder) => void)[];
}

const int32 = { type: DType.int32 };

/**
 * Adds the loop; undefined where the number of a step's results is known only when it runs.
 *
 * As many steps are compiled for as there are rates; fewer may be taken.
 */
export function addLoop(
  graph: GraphBuilder,
  { request, traced }: { request: StepRequest; traced: TracedStep },
  around: Surroundings,
): CompiledLoop | undefined {
  const draws = traced.general.keys.length;
  const body = new LoopBody(request, traced, around);
  if (body.width === undefined) return undefined;
  const prefix = `${request.name}/loop`;
  const feed = (name: string, dtype: number, shape: number[]): Feed => ({
    name: graph.placeholder(`${prefix}/${name}`, dtype, shape),
    dtype,
    shape,
  });
  const feeds = [
    feed("steps", DType.int32, []),
    ...request.inputs.map((spec, i) =>
      feed(`input_${i}`, spec.fed ?? dtypeNumber(spec.dtype), [-1, ...spec.shape]),
    ),
    feed("rates", DType.float32, [-1]),
    ...(draws > 0 ? [feed("keys", DType.int32, [-1, 2])] : []),
  ];
  const names = { body: `${request.name}_step`, condition: `${request.name}_goes_on` };
  graph.addFunction(body.message(names.body));
  graph.addFunction(conditionOf(body, names.condition));
  const launch = `${request.name}_steps`;
  const { variables } = body;
  graph.addFunction(launchOf(body, { name: launch, names, feeds, draws }));
  const inputs = [...feeds.map(({ name }) => name), ...variables.map(({ handle }) => handle)];
  const fetch = graph.op("StatefulPartitionedCall", inputs, {
    name: prefix,
    attrs: {
      Tin: { types: inputs.map((input) => graph.dtypeOf(input)!) },
      Tout: { types: [DType.float32] },
      f: { func: launch },
      // On the node: TensorFlow compiles nothing for that of a function.
      _XlaMustCompile: { bool: true },
    },
    dtypes: [DType.float32],
  });
  return { feeds, fetch };
}

/** One turn of the loop as a graph of its own. */
class LoopBody {
  /** How many numbers a step gives; undefined where only its run tells. */
  readonly width: number | undefined;
  /** The variables of the graph around that the step names, in the order of the arguments. */
  readonly variables: GraphVariable[] = [];
  private readonly graph = new GraphBuilder();
  /** Which step, how many, the results so far, the batches' columns, rates and keys. */
  readonly state: Output[];
  private readonly handles: Output[] = [];
  private readonly next: Output[];
  private readonly done: string;

  constructor(request: StepRequest, { general }: TracedStep, around: Surroundings) {
    const { graph } = this;
    const step = graph.placeholder("step", DType.int32, []);
    const steps = graph.placeholder("steps", DType.int32, []);
    const sofar = graph.placeholder("results", DType.float32, [-1, -1]);
    const stacks = request.inputs.map(({ shape, dtype, fed }, i) =>
      graph.placeholder(`input_${i}`, fed ?? dtypeNumber(dtype), [-1, -1, ...shape]),
    );
    const rates = graph.placeholder("rates", DType.float32, [-1]);
    const draws = general.keys.length;
    const keys = draws > 0 ? [graph.placeholder("keys", DType.int32, [-1, draws, 2])] : [];
    this.state = [step, steps, sofar, ...stacks, rates, ...keys];
    const columns = stacks.map((stack) => itemOf(graph, stack, step));
    const own = new Map<string, GraphVariable>();
    const variable = (name: string) => {
      const made = own.get(name) ?? this.addVariable(around.variable(name));
      own.set(name, made);
      return made;
    };
    const learningRate = itemOf(graph, rates, step);
    const assembled = assemble(general, {
      graph,
      parameters: { [LEARNING_RATE]: learningRate },
      variable,
      inputs: Object.fromEntries(
        columns.map((column, i) => [
          inputName(i),
          castTo(graph, column, {
            from: graph.dtypeOf(column)!,
            to: dtypeNumber(request.inputs[i]!.dtype),
          }),
        ]),
      ),
      keys: keys[0] && itemOf(graph, keys[0], step),
      batch: rowsOf(graph, columns[0]!),
    });
    this.width = widthOf(graph, assembled.outputs);
    const results = packNumbers(graph, assembled.outputs);
    const updates = addUpdates(graph, request, {
      step: assembled,
      shared: { learningRate, variable },
      results: [results],
    });
    this.done = graph.group(updates, "updates");
    for (const pass of around.passes) pass(graph);
    this.next = [
      graph.op("AddV2", [step, graph.int32(1)], { attrs: { T: int32 }, dtypes: [DType.int32] }),
      steps,
      withRow(graph, sofar, { row: results, at: step }),
      ...this.state.slice(3),
    ];
  }

  /** dtype of each argument. */
  get dtypes(): number[] {
    return [...this.state, ...this.handles].map((name) => this.graph.dtypeOf(name)!);
  }

  message(name: string) {
    return functionDef(this.graph, {
      name,
      inputs: [...this.state, ...this.handles],
      outputs: [...this.next, ...this.handles],
      targets: [this.done],
    });
  }

  private addVariable(outside: GraphVariable): GraphVariable {
    const made = this.graph.variable(outside.name, outside.dtype, outside.shape);
    this.variables.push(outside);
    this.handles.push(made.handle);
    return made;
  }
}

/** Whether there are steps left. */
function conditionOf(body: LoopBody, name: string) {
  const graph = new GraphBuilder();
  const inputs = body.dtypes.map((dtype, i) => graph.placeholder(`value_${i}`, dtype, []));
  const less = graph.op("Less", inputs.slice(0, 2), {
    attrs: { T: int32 },
    dtypes: [DType.bool],
  });
  return functionDef(graph, { name, inputs, outputs: [less] });
}

/** The function that the graph calls: what is fed, stacked step by step, goes through the loop. */
function launchOf(
  body: LoopBody,
  use: {
    name: string;
    names: { body: string; condition: string };
    feeds: readonly Feed[];
    draws: number;
  },
) {
  const { name, names, feeds, draws } = use;
  const graph = new GraphBuilder();
  const args = feeds.map((feed) => graph.placeholder(feed.name, feed.dtype, feed.shape));
  const handles = body.variables.map(
    (variable) => graph.variable(variable.name, variable.dtype, variable.shape).handle,
  );
  const steps = args[0]!;
  const rates = args[draws > 0 ? args.length - 2 : args.length - 1]!;
  const capacity = rowsOf(graph, rates);
  const stacked = args.slice(1).map((value, i) => {
    if (value === rates) return value;
    const { shape } = feeds[i + 1]!;
    const isKeys = draws > 0 && i === args.length - 2;
    return stack(graph, value, {
      count: capacity,
      each: isKeys ? [draws, 2] : [-1, ...shape.slice(1)],
    });
  });
  const results = graph.op("Fill", [shapeOf(graph, capacity, [body.width!]), graph.float32(0)], {
    attrs: { T: { type: DType.float32 }, index_type: int32 },
    dtypes: [DType.float32],
  });
  const loop = graph.op("While", [graph.int32(0), steps, results, ...stacked, ...handles], {
    attrs: {
      T: { types: body.dtypes },
      cond: { func: names.condition },
      body: { func: names.body },
      parallel_iterations: { int: 1 },
    },
    dtypes: body.dtypes,
  });
  return functionDef(graph, {
    name,
    inputs: [...args, ...handles],
    outputs: [`${loop}:2`],
    targets: [loop],
  });
}
