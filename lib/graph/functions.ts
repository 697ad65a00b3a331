/**
 * A graph as a function in the library of another graph, for XLA to compile.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/function.proto
 */
import { MessageWriter } from "../formats";
import { encodeAttr, type GraphAttr } from "./attributes";
import {
  type GraphBuilder,
  type GraphNode,
  nodeName,
  type Output,
  outputIndex,
} from "./graphBuilder";
import { outputNames } from "./opRegistry";

/** What a function takes and gives. */
export interface FunctionParts {
  name: string;
  /** Placeholders and handles of variables, in the order of the arguments. */
  inputs: readonly Output[];
  outputs: readonly Output[];
  /**
   * Nodes that run for their effect.
   *
   * @default none
   */
  targets?: readonly string[];
}

/**
 * A graph as a FunctionDef message.
 *
 * @param graph Its nodes; what outputs and targets don't need is left out.
 * @throws GraphError when they need a placeholder or a variable that is no input.
 */
export function functionDef(
  graph: GraphBuilder,
  { name, inputs, outputs, targets = [] }: FunctionParts,
): MessageWriter {
  const args = new Map(inputs.map((input, i) => [input, `arg_${i}`]));
  const nameOf = (output: Output) => args.get(output) ?? bodyValue(graph, output);
  const signature = new MessageWriter().bytes(1, name);
  for (const [input, arg] of args) signature.message(2, argument(arg, graph.dtypeOf(input)!));
  outputs.forEach((output, i) => {
    signature.message(3, argument(`out_${i}`, graph.dtypeOf(output)!));
  });
  signature.int(17, 1); // stateful
  targets.forEach((_, i) => {
    signature.bytes(20, `done_${i}`);
  });
  const message = new MessageWriter().message(1, signature);
  for (const node of needed(graph, { outputs, targets, args })) {
    message.message(3, encodeBodyNode(node, { nameOf, args }));
  }
  outputs.forEach((output, i) => {
    message.message(4, textEntry(`out_${i}`, nameOf(output)));
  });
  targets.forEach((target, i) => {
    message.message(6, textEntry(`done_${i}`, target));
  });
  return message;
}

type Arguments = ReadonlyMap<Output, string>;

/** The nodes behind outputs and targets, in the graph's order; arguments are none. */
function needed(
  graph: GraphBuilder,
  use: { outputs: readonly Output[]; targets: readonly string[]; args: Arguments },
): GraphNode[] {
  const found = new Set<string>();
  const waiting = [...use.outputs, ...use.targets];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const name = nodeName(next);
    if (found.has(name) || use.args.has(name)) continue;
    found.add(name);
    const { inputs, control } = graph.node(name);
    waiting.push(...inputs, ...control);
  }
  return graph.nodes.filter(({ name }) => found.has(name));
}

/** A value as a function's nodes call it: node, the output's own name, its place in a list. */
function bodyValue(graph: GraphBuilder, output: Output): string {
  const { name, op, attrs } = graph.node(output);
  return `${name}:${outputNames(op, attrs)[outputIndex(output)]}`;
}

function encodeBodyNode(
  { name, op, inputs, control, attrs }: GraphNode,
  { nameOf, args }: { nameOf: (output: Output) => string; args: Arguments },
): MessageWriter {
  const message = new MessageWriter().bytes(1, name).bytes(2, op);
  for (const input of inputs) message.bytes(3, nameOf(input));
  for (const before of control.map(nodeName)) {
    if (!args.has(before)) message.bytes(3, `^${before}`);
  }
  for (const [attr, value] of Object.entries(attrs)) message.message(5, attrEntry(attr, value));
  return message;
}

function argument(name: string, dtype: number): MessageWriter {
  return new MessageWriter().bytes(1, name).int(3, dtype);
}

function attrEntry(name: string, value: GraphAttr): MessageWriter {
  return new MessageWriter().bytes(1, name).message(2, encodeAttr(value));
}

function textEntry(key: string, value: string): MessageWriter {
  return new MessageWriter().bytes(1, key).bytes(2, value);
}
