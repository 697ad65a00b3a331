/**
 * Builds a TensorFlow graph node by node.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/Graph
 */

import { setImmediate as pause } from "node:timers/promises";
import { MessageWriter } from "../formats";
import { DType } from "../tfjs";
import { type ConstantValue, encodeAttr, type GraphAttr } from "./attributes";
import { GraphError } from "./graphError";

/** A value in the graph: `"node"` for its first output, `"node:1"` for its second. */
export type Output = string;

/** The producer version chooses the rules by which TensorFlow reads the graph; 2.21 reads this one as its own. */
const GRAPH_DEF_VERSION = 1882;

/** Nodes that are written in some five milliseconds. */
const NODES_AT_ONCE = 500;

/** One operation. The passes rewrite nodes in place. */
export interface GraphNode {
  readonly name: string;
  op: string;
  inputs: Output[];
  /** Names of nodes that must have run before this one. */
  control: string[];
  attrs: Record<string, GraphAttr>;
  /** Shape of each output where known; -1 marks a dimension that varies with the batch. */
  shapes: (readonly number[] | undefined)[];
  /** dtype of each output where known. */
  dtypes: (number | undefined)[];
  /** Where it runs; undefined where TensorFlow chooses. */
  readonly device: string | undefined;
}

/** Extra facts about a new node. */
export interface NodeOptions {
  attrs?: Record<string, GraphAttr>;
  /** Chosen by the builder when left out. */
  name?: string;
  control?: string[];
  shapes?: (readonly number[] | undefined)[];
  dtypes?: (number | undefined)[];
}

/** A resource variable of the graph; its value lives in the session. */
export interface GraphVariable {
  readonly name: string;
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly handle: Output;
  /** Reads the value that the step starts with. */
  readonly read: Output;
}

/** A graph under construction. */
export class GraphBuilder {
  private readonly byName = new Map<string, GraphNode>();
  private readonly uses = new Map<string, number>();
  private readonly functions: MessageWriter[] = [];

  /** @param device Where every node runs, for example `"/device:CPU:0"`. TensorFlow's choice by default. */
  constructor(private device?: string) {}

  /** The nodes in the order in which they were made. */
  get nodes(): GraphNode[] {
    return [...this.byName.values()];
  }

  /** Adds an operation and returns its first output. */
  op(op: string, inputs: Output[], options: NodeOptions = {}): Output {
    const name = this.uniqueName(options.name ?? op);
    this.byName.set(name, {
      name,
      op,
      inputs: [...inputs],
      control: [...(options.control ?? [])],
      attrs: { ...options.attrs },
      shapes: options.shapes ?? [],
      dtypes: options.dtypes ?? [],
      device: this.device ?? (inputs[0] && this.byName.get(nodeName(inputs[0]))?.device),
    });
    return name;
  }

  /** Adds nodes that run on one device. Others run where their first input is made, if that was placed. */
  on<T>(device: string | undefined, add: () => T): T {
    const before = this.device;
    this.device = device ?? before;
    try {
      return add();
    } finally {
      this.device = before;
    }
  }

  /** Takes out an operation whose values nothing uses any more. */
  remove({ name }: GraphNode): void {
    this.byName.delete(name);
  }

  /** The node that makes a value. */
  node(output: Output): GraphNode {
    const node = this.byName.get(nodeName(output));
    if (node === undefined) throw new GraphError(`The graph has no node ${output}.`);
    return node;
  }

  /** Shape of a value where known. */
  shapeOf(output: Output): readonly number[] | undefined {
    return this.node(output).shapes[outputIndex(output)];
  }

  /** dtype of a value where known. */
  dtypeOf(output: Output): number | undefined {
    return this.node(output).dtypes[outputIndex(output)];
  }

  /** A constant of any dtype. */
  constant(value: ConstantValue, name = "Const"): Output {
    return this.op("Const", [], {
      name,
      attrs: { dtype: { type: value.dtype }, value: { tensor: value } },
      shapes: [value.shape],
      dtypes: [value.dtype],
    });
  }

  /** An int32 scalar or vector. */
  int32(values: number | readonly number[]): Output {
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [values.length];
    return this.constant({ dtype: DType.int32, shape, values: Int32Array.from(list) });
  }

  /** A float32 scalar or vector. */
  float32(values: number | readonly number[]): Output {
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [values.length];
    return this.constant({ dtype: DType.float32, shape, values: Float32Array.from(list) });
  }

  /** A value that is fed at each run; -1 in the shape is any size. */
  placeholder(name: string, dtype: number, shape: readonly number[]): Output {
    return this.op("Placeholder", [], {
      name,
      attrs: { dtype: { type: dtype }, shape: { shape: [...shape] } },
      shapes: [shape],
      dtypes: [dtype],
    });
  }

  /** A variable; it has no value until `assign` has run. */
  variable(name: string, dtype: number, shape: readonly number[]): GraphVariable {
    const attrs = { dtype: { type: dtype }, shape: { shape: [...shape] } };
    const handle = this.op("VarHandleOp", [], {
      name,
      attrs: { ...attrs, shared_name: { string: name }, container: { string: "" } },
      dtypes: [DType.resource],
    });
    const read = this.op("ReadVariableOp", [handle], {
      name: `${name}/read`,
      attrs: { dtype: { type: dtype } },
      shapes: [shape],
      dtypes: [dtype],
    });
    return { name, dtype, shape, handle, read };
  }

  /** Sets a variable; `control` names what must have run before. Returns the node's name, for `group`. */
  assign(variable: GraphVariable, value: Output, control: string[] = []): string {
    const attrs = { dtype: { type: variable.dtype } };
    return this.op("AssignVariableOp", [variable.handle, value], { attrs, control });
  }

  /** A node that has run once all of `names` have run. */
  group(names: string[], name: string): string {
    return this.op("NoOp", [], { name, control: names });
  }

  /** Adds a function to the graph's library, which nodes call by its name. @param message A FunctionDef. */
  addFunction(message: MessageWriter): void {
    this.functions.push(message);
  }

  /** The graph as a GraphDef message. */
  toMessage(): MessageWriter {
    const graph = new MessageWriter();
    for (const node of this.byName.values()) graph.message(1, encodeNode(node));
    return this.completed(graph);
  }

  /** As `toMessage`, in parts between which the event loop turns. */
  async toMessageInParts(): Promise<MessageWriter> {
    const graph = new MessageWriter();
    for (const [i, node] of this.nodes.entries()) {
      if (i % NODES_AT_ONCE === 0) await pause();
      graph.message(1, encodeNode(node));
    }
    return this.completed(graph);
  }

  /** A message of nodes with what else a GraphDef has. */
  private completed(graph: MessageWriter): MessageWriter {
    const library = new MessageWriter();
    for (const message of this.functions) library.message(1, message);
    if (this.functions.length > 0) graph.message(2, library);
    return graph.message(4, new MessageWriter().int(1, GRAPH_DEF_VERSION));
  }

  private uniqueName(wanted: string): string {
    const clean = wanted.replace(/[^A-Za-z0-9_./-]/g, "_").replace(/^[^A-Za-z0-9.]/, "x");
    const count = this.uses.get(clean) ?? 0;
    this.uses.set(clean, count + 1);
    const name = count === 0 ? clean : `${clean}_${count}`;
    return this.byName.has(name) ? this.uniqueName(clean) : name;
  }
}

/** The node's name of a value. */
export function nodeName(output: Output): string {
  const colon = output.lastIndexOf(":");
  return colon < 0 ? output : output.slice(0, colon);
}

/** Which output of its node a value is. */
export function outputIndex(output: Output): number {
  const colon = output.lastIndexOf(":");
  return colon < 0 ? 0 : Number(output.slice(colon + 1));
}

function encodeNode(node: GraphNode): MessageWriter {
  const message = new MessageWriter().bytes(1, node.name).bytes(2, node.op);
  for (const input of node.inputs) message.bytes(3, input);
  for (const name of node.control) message.bytes(3, `^${nodeName(name)}`);
  if (node.device !== undefined) message.bytes(4, node.device);
  for (const [name, attr] of Object.entries(node.attrs)) {
    message.message(5, new MessageWriter().bytes(1, name).message(2, encodeAttr(attr)));
  }
  return message;
}
