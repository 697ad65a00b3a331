/** Turns generalised traces into nodes of one graph that share their variables. */
import { DType } from "../tfjs";
import type { GeneralConstant, GeneralTrace, Scaled } from "./batchSize";
import type { GraphBuilder, GraphVariable, Output } from "./graphBuilder";
import type { Ref } from "./trace";

/** A step as part of a graph. */
export interface AssembledStep {
  /** The step's results. */
  outputs: Output[];
  /** New values of variables, by the variable's name. */
  updates: Map<string, Output>;
  /** Values that the traced function pointed out. */
  marks: Map<string, Output>;
}

/** What a traced step is given in a graph. */
export interface StepValues {
  /** The graph's value for each input of the trace. */
  inputs: Record<string, Output>;
  /** An int32 value [draws, 2] with a random key for each draw; needed when the step draws. */
  keys?: Output;
  /** The batch size as an int32 scalar. */
  batch: Output;
}

/** Where a traced step is added, and what it shares with others there. */
export interface StepPlace {
  graph: GraphBuilder;
  /** The graph's value for each parameter of the trace. None by default. */
  parameters?: Record<string, Output>;
  /** Gives the graph's variable for a name. */
  variable: (name: string) => Pick<GraphVariable, "read">;
}

/**
 * Adds a traced step to a graph.
 *
 * @param trace The step.
 * @param options Where, and its values.
 */
export function assemble(trace: GeneralTrace, options: StepPlace & StepValues): AssembledStep {
  const assembly = new Assembly(trace, options);
  const live = liveOps(trace, resultsOf(trace));
  for (const index of trace.ops.keys()) if (live.has(index)) assembly.add(index);
  return assembly.finish();
}

/** A traced step on its way into a graph, op by op. */
export class Assembly {
  private readonly constants: Constants;
  private readonly madeConstants = new Map<number, Output>();
  private readonly outputsOf: Output[] = [];
  private keyRows: Output | undefined;

  constructor(
    private readonly trace: GeneralTrace,
    private readonly options: StepPlace & StepValues,
  ) {
    this.constants = new Constants(options.graph, options.batch);
  }

  /** Adds an op whose inputs are there. */
  add(index: number): void {
    const { trace } = this;
    const { graph } = this.options;
    const op = trace.ops[index]!;
    const ins = op.inputs.map((ref, i) => {
      const inferred = op.name === "Reshape" && i === 1 ? inferredShape(trace, ref) : undefined;
      return inferred === undefined ? this.value(ref) : graph.int32(inferred);
    });
    this.outputsOf[index] = graph.op(op.name, ins, {
      attrs: op.attrs,
      shapes: op.outputs.map(({ shape }) => shape),
      dtypes: op.outputs.map(({ dtype }) => dtype),
    });
  }

  /** Lets a value of the graph stand for an op's first output. */
  set(index: number, output: Output): void {
    this.outputsOf[index] = output;
  }

  /** What the step has come to, once all that it needs is added. */
  finish(): AssembledStep {
    const { outputs, updates, marks } = this.trace;
    const valuesOf = (refs: Map<string, Ref>) =>
      new Map([...refs].map(([name, ref]) => [name, this.value(ref)] as const));
    return {
      outputs: outputs.map((ref) => this.value(ref)),
      updates: valuesOf(updates),
      marks: valuesOf(marks),
    };
  }

  /** The graph's value for one of the trace. */
  value(ref: Ref): Output {
    const { graph, inputs, parameters = {}, variable } = this.options;
    switch (ref.from) {
      case "op":
        return at(this.outputsOf[ref.op]!, ref.output);
      case "input":
        return inputs[ref.name]!;
      case "variable":
        return variable(ref.name).read;
      case "parameter":
        return multiple(graph, parameters[ref.name]!, ref.factor);
      case "key":
        return at(this.keyRow(), ref.key);
      case "constant": {
        const made =
          this.madeConstants.get(ref.constant) ??
          this.constants.make(this.trace.constants[ref.constant]!);
        this.madeConstants.set(ref.constant, made);
        return made;
      }
    }
  }

  private keyRow(): Output {
    this.keyRows ??= this.options.graph.op("Unpack", [this.options.keys!], {
      attrs: {
        num: { int: this.trace.keys.length },
        T: { type: DType.int32 },
        axis: { int: 0 },
      },
    });
    return this.keyRows;
  }
}

/** A multiple of a float32 scalar. */
function multiple(graph: GraphBuilder, value: Output, factor: number): Output {
  if (factor === 1) return value;
  const facts = { attrs: { T: { type: DType.float32 } }, shapes: [[]], dtypes: [DType.float32] };
  if (factor === -1) return graph.op("Neg", [value], facts);
  return graph.op("Mul", [value, graph.float32(factor)], facts);
}

/** What a step is run for: its results, updates and marks. */
export function resultsOf({ outputs, updates, marks }: GeneralTrace): Ref[] {
  return [...outputs, ...updates.values(), ...marks.values()];
}

/** The ops that make some values, and those that they are made from. */
export function liveOps(trace: GeneralTrace, wanted: readonly Ref[]): Set<number> {
  const live = new Set<number>();
  const need = (ref: Ref) => {
    if (ref.from === "op") live.add(ref.op);
  };
  wanted.forEach(need);
  for (let index = trace.ops.length - 1; index >= 0; index--) {
    if (live.has(index)) trace.ops[index]!.inputs.forEach(need);
  }
  return live;
}

/** A reshape's target with -1 in place of the one size that varies: cheaper than computing it. */
function inferredShape(trace: GeneralTrace, ref: Ref): number[] | undefined {
  const constant = ref.from === "constant" ? trace.constants[ref.constant] : undefined;
  if (constant?.kind !== "scaled" || constant.values.includes(-1)) return undefined;
  const varying = constant.values.filter((size) => typeof size !== "number").length;
  if (varying !== 1) return undefined;
  return constant.values.map((size) => (typeof size === "number" ? size : -1));
}

/** Makes constants, those that depend on the batch size too. */
class Constants {
  private batchAsFloat: Output | undefined;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly batch: Output,
  ) {}

  make(constant: GeneralConstant): Output {
    const { graph } = this;
    if (constant.kind === "fixed") {
      const { value } = constant;
      if (!value.isUniform) return graph.constant(value);
      const one = graph.constant({ ...value, shape: [], isUniform: false });
      return this.fill(graph.int32(value.shape), one, { dtype: value.dtype, shape: value.shape });
    }
    if (constant.kind === "fill") {
      const { dtype, shape } = constant;
      const known = shape.map((size) => (typeof size === "number" ? size : -1));
      const sizes = this.vector(shape, DType.int32);
      return this.fill(sizes, this.scalar(constant.value, dtype), { dtype, shape: known });
    }
    if (constant.shape.length === 0) return this.scalar(constant.values[0]!, constant.dtype);
    const flat = this.vector(constant.values, constant.dtype);
    if (constant.shape.length === 1) return flat;
    return graph.op("Reshape", [flat, graph.int32(constant.shape)], {
      attrs: { T: { type: constant.dtype }, Tshape: { type: DType.int32 } },
      shapes: [constant.shape],
      dtypes: [constant.dtype],
    });
  }

  private fill(
    sizes: Output,
    value: Output,
    { dtype, shape }: { dtype: number; shape: readonly number[] },
  ): Output {
    return this.graph.op("Fill", [sizes, value], {
      attrs: { T: { type: dtype }, index_type: { type: DType.int32 } },
      shapes: [[...shape]],
      dtypes: [dtype],
    });
  }

  private vector(values: Scaled[], dtype: number): Output {
    const items = values.map((value) => this.scalar(value, dtype));
    return this.graph.op("Pack", items, {
      attrs: { N: { int: items.length }, T: { type: dtype }, axis: { int: 0 } },
      shapes: [[items.length]],
      dtypes: [dtype],
    });
  }

  private scalar(value: Scaled, dtype: number): Output {
    const { graph } = this;
    const literal = (number: number) =>
      dtype === DType.int32
        ? graph.int32(number)
        : dtype === DType.float32
          ? graph.float32(number)
          : graph.constant({ dtype, shape: [], values: Uint8Array.of(number) });
    if (typeof value === "number") return literal(value);
    const batch = dtype === DType.int32 ? this.batch : this.floatBatch();
    const attrs = { T: { type: dtype } };
    const facts = { attrs, shapes: [[]], dtypes: [dtype] };
    if ("overBatch" in value) return graph.op("RealDiv", [literal(value.overBatch), batch], facts);
    return value.timesBatch === 1
      ? batch
      : graph.op("Mul", [batch, literal(value.timesBatch)], facts);
  }

  private floatBatch(): Output {
    this.batchAsFloat ??= this.graph.op("Cast", [this.batch], {
      attrs: { SrcT: { type: DType.int32 }, DstT: { type: DType.float32 } },
      shapes: [[]],
      dtypes: [DType.float32],
    });
    return this.batchAsFloat;
  }
}

function at(output: Output, index: number): Output {
  return index === 0 ? output : `${output}:${index}`;
}
