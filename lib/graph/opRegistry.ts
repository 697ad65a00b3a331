/** What TensorFlow itself knows of its ops: which attribute says which input's type. */
import { nativeModule } from "../engine";
import type { GraphAttr } from "./attributes";
import { messageFields } from "./protobuf";

/** An input of an op; a list input takes as many values as the attribute `count` says. */
interface InputArgument {
  typeAttr: string | undefined;
  isList: boolean;
}

/** An output of an op; the attribute `count` says how many values a list output has, or lists their types. */
interface OutputArgument {
  name: string;
  count: string | undefined;
}

interface OpArguments {
  inputs: InputArgument[];
  outputs: OutputArgument[];
}

let registry: Map<string, OpArguments> | undefined;

/** Reads the registry ahead of its first use; takes some ten milliseconds. */
export function loadOpRegistry(): void {
  argumentsOf("NoOp");
}

/**
 * The type attributes of an op that follow from its inputs.
 *
 * @param op The op's name.
 * @param dtypes dtype of each input.
 */
export function typeAttrs(op: string, dtypes: number[]): Record<string, { type: number }> {
  const attrs: Record<string, { type: number }> = {};
  const grouped = groupInputs(op, dtypes);
  argumentsOf(op).forEach(({ typeAttr }, i) => {
    const dtype = grouped[i];
    const first = Array.isArray(dtype) ? dtype[0] : dtype;
    if (typeAttr !== undefined && first !== undefined) attrs[typeAttr] = { type: first };
  });
  return attrs;
}

/**
 * The inputs of an op, those of its list argument as a list.
 *
 * @param op The op's name.
 * @param inputs One item for each input.
 */
export function groupInputs<T>(op: string, inputs: T[]): (T | T[])[] {
  const args = argumentsOf(op);
  const list = args.findIndex(({ isList }) => isList);
  if (list < 0) return inputs;
  const length = inputs.length - (args.length - 1);
  return [
    ...inputs.slice(0, list),
    inputs.slice(list, list + length),
    ...inputs.slice(list + length),
  ];
}

/**
 * How the body of a function calls a result of an op: `"output:0"`, the argument's name and the place in it.
 *
 * @param op The op's name.
 * @param attrs The node's attributes; those that say how long lists are matter.
 * @param index The place among all results.
 */
export function outputName(op: string, attrs: Record<string, GraphAttr>, index: number): string {
  registry ??= readRegistry();
  let before = 0;
  for (const { name, count } of registry.get(op)?.outputs ?? []) {
    const length = count === undefined ? 1 : lengthOf(attrs[count]);
    if (index < before + length) return `${name}:${index - before}`;
    before += length;
  }
  throw new Error(`${op} has no output ${index}`);
}

function lengthOf(attr: GraphAttr | undefined): number {
  if (attr !== undefined && "int" in attr) return attr.int;
  return attr !== undefined && "types" in attr ? attr.types.length : 0;
}

function argumentsOf(op: string): InputArgument[] {
  registry ??= readRegistry();
  return registry.get(op)?.inputs ?? [];
}

/** Reads OpList (tensorflow/core/framework/op_def.proto). */
function readRegistry(): Map<string, OpArguments> {
  const ops = new Map<string, OpArguments>();
  for (const op of messageFields(nativeModule().opList())) {
    if (op.field !== 1) continue;
    let name = "";
    const inputs: InputArgument[] = [];
    const outputs: OutputArgument[] = [];
    for (const { field, bytes } of messageFields(op.bytes)) {
      if (field === 1) name = Buffer.from(bytes).toString("utf8");
      else if (field === 2) inputs.push(readInput(bytes));
      else if (field === 3) outputs.push(readOutput(bytes));
    }
    ops.set(name, { inputs, outputs });
  }
  return ops;
}

function readInput(message: Uint8Array): InputArgument {
  let typeAttr: string | undefined;
  let isList = false;
  for (const { field, bytes } of messageFields(message)) {
    if (field === 4) typeAttr = Buffer.from(bytes).toString("utf8");
    else if (field === 5 || field === 6) isList = true;
  }
  return { typeAttr, isList };
}

function readOutput(message: Uint8Array): OutputArgument {
  let name = "";
  let count: string | undefined;
  for (const { field, bytes } of messageFields(message)) {
    if (field === 1) name = Buffer.from(bytes).toString("utf8");
    else if (field === 5 || field === 6) count = Buffer.from(bytes).toString("utf8");
  }
  return { name, count };
}
