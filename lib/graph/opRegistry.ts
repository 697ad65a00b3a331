/** What TensorFlow itself knows of its ops: which attribute says which input's type. */

import { messageFields } from "../formats";
import { nativeModule } from "../native";

/** An input of an op; a list input takes as many values as the attribute `count` says. */
interface InputArgument {
  typeAttr: string | undefined;
  isList: boolean;
}

let registry: Map<string, InputArgument[]> | undefined;

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

function argumentsOf(op: string): InputArgument[] {
  registry ??= readRegistry();
  return registry.get(op) ?? [];
}

/** Reads OpList (tensorflow/core/framework/op_def.proto). */
function readRegistry(): Map<string, InputArgument[]> {
  const ops = new Map<string, InputArgument[]>();
  for (const op of messageFields(nativeModule().opList())) {
    if (op.field !== 1) continue;
    let name = "";
    const inputs: InputArgument[] = [];
    for (const { field, bytes } of messageFields(op.bytes)) {
      if (field === 1) name = Buffer.from(bytes).toString("utf8");
      else if (field === 2) inputs.push(readArgument(bytes));
    }
    ops.set(name, inputs);
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
