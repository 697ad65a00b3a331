/** What TensorFlow itself knows of its ops: which attribute says which input's type, and what outputs are called. */

import { messageFields } from "../formats";
import { nativeModule } from "../native";
import type { GraphAttr } from "./attributes";

/** An input of an op; a list input takes as many values as the attribute `count` says. */
interface InputArgument {
  typeAttr: string | undefined;
  isList: boolean;
}

/** Definitions by name, which are read when they are asked for. */
let registry: Map<string, Uint8Array> | undefined;

const known = new Map<string, InputArgument[]>();

/** Looks the ops' names up ahead of the first use; takes some milliseconds. */
export function loadOpRegistry(): void {
  registry ??= namesInRegistry();
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
 * What a function's body calls each output of a node: the output's name in TensorFlow's list, and its place there.
 *
 * @param op The op's name.
 * @param attrs The node's attributes, which say how long a list is.
 */
export function outputNames(op: string, attrs: Record<string, GraphAttr>): string[] {
  registry ??= namesInRegistry();
  const outputs = [...messageFields(registry.get(op) ?? new Uint8Array())];
  return outputs
    .filter(({ field }) => field === 3)
    .flatMap(({ bytes }) => {
      const { name, countAttr } = readOutput(bytes);
      const length = countAttr === undefined ? 1 : lengthIn(attrs[countAttr]);
      return Array.from({ length }, (_, i) => `${name}:${i}`);
    });
}

function readOutput(message: Uint8Array): { name: string; countAttr: string | undefined } {
  let name = "";
  let countAttr: string | undefined;
  for (const { field, bytes } of messageFields(message)) {
    const text = Buffer.from(bytes).toString("utf8");
    if (field === 1) name = text;
    else if (field === 5 || field === 6) countAttr = text;
  }
  return { name, countAttr };
}

function lengthIn(attr: GraphAttr | undefined): number {
  if (attr !== undefined && "types" in attr) return attr.types.length;
  return attr !== undefined && "int" in attr ? Number(attr.int) : 0;
}

function argumentsOf(op: string): InputArgument[] {
  let args = known.get(op);
  if (args === undefined) {
    registry ??= namesInRegistry();
    const inputs = [...messageFields(registry.get(op) ?? new Uint8Array())];
    args = inputs.filter(({ field }) => field === 2).map(({ bytes }) => readArgument(bytes));
    known.set(op, args);
  }
  return args;
}

/** Reads OpList (tensorflow/core/framework/op_def.proto), of each OpDef its name, which comes first. */
function namesInRegistry(): Map<string, Uint8Array> {
  const ops = new Map<string, Uint8Array>();
  for (const { field, bytes } of messageFields(nativeModule().opList())) {
    if (field !== 1) continue;
    for (const name of messageFields(bytes)) {
      ops.set(Buffer.from(name.bytes).toString("utf8"), bytes);
      break;
    }
  }
  return ops;
}

function readArgument(message: Uint8Array): InputArgument {
  let typeAttr: string | undefined;
  let isList = false;
  for (const { field, bytes } of messageFields(message)) {
    if (field === 4) typeAttr = Buffer.from(bytes).toString("utf8");
    else if (field === 5 || field === 6) isList = true;
  }
  return { typeAttr, isList };
}
