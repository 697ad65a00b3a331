/**
 * Functions of a graph: what its loops run, and what is compiled as a whole.
 *
 * The body of a function is a graph of its own whose placeholders are the arguments. In a FunctionDef values have
 * other names than in a GraphDef: `node:output:0`, with the name that the op's definition gives to its result.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/framework/function.proto
 */
import { type GraphBuilder, nodeName, type Output, outputIndex } from "./graphBuilder";
import { outputName } from "./opRegistry";
import { MessageWriter } from "./protobuf";

/** What a function gives and does. */
export interface FunctionResults {
  outputs: Output[];
  /** Nodes that run for their effect. None by default. */
  effects?: string[];
}

/** What a function takes and gives: dtypes, in order. */
export interface FunctionTypes {
  arguments: number[];
  results: number[];
}

/**
 * Adds a function to the library of a graph.
 *
 * @param graph The graph.
 * @param name The function's name, one of its own.
 * @param types The dtypes of its arguments and results.
 * @param build Makes the body of the arguments.
 */
export function addFunction(
  graph: GraphBuilder,
  name: string,
  types: FunctionTypes,
  build: (body: GraphBuilder, values: Output[]) => FunctionResults,
): void {
  const body = graph.nested();
  const values = types.arguments.map((dtype, i) => body.placeholder(`arg_${i}`, dtype, []));
  // A placeholder's shape is a promise, and that of an argument is not known.
  for (const value of values) body.node(value).shapes = [];
  const { outputs, effects = [] } = build(body, values);
  const nameOf = (value: Output) => {
    if (values.includes(value)) return value;
    const { op, attrs } = body.node(value);
    return `${nodeName(value)}:${outputName(op, attrs, outputIndex(value))}`;
  };
  const message = new MessageWriter().message(1, signature(name, types, effects.length));
  for (const node of body.nodes) {
    if (!values.includes(node.name)) message.message(3, body.encodeNode(node, nameOf));
  }
  outputs.forEach((output, i) => {
    message.message(4, entry(resultName(i), nameOf(output)));
  });
  effects.forEach((effect, i) => {
    message.message(6, entry(effectName(i), effect));
  });
  graph.addFunctionMessage(message);
}

/** OpDef. */
function signature(name: string, types: FunctionTypes, effects: number): MessageWriter {
  const message = new MessageWriter().bytes(1, name);
  types.arguments.forEach((dtype, i) => {
    message.message(2, argument(`arg_${i}`, dtype));
  });
  types.results.forEach((dtype, i) => {
    message.message(3, argument(resultName(i), dtype));
  });
  if (effects > 0) message.int(17, 1);
  for (let i = 0; i < effects; i++) message.bytes(20, effectName(i));
  return message;
}

/** OpDef.ArgDef. */
function argument(name: string, dtype: number): MessageWriter {
  return new MessageWriter().bytes(1, name).int(3, dtype);
}

function entry(key: string, value: string): MessageWriter {
  return new MessageWriter().bytes(1, key).bytes(2, value);
}

const resultName = (index: number) => `result_${index}`;
const effectName = (index: number) => `effect_${index}`;
