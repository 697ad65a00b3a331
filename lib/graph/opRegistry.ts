/** What TensorFlow itself knows of its ops: which attribute says which input's type. */
import { nativeModule } from "../engine";
import { messageFields } from "./protobuf";

/** An input of an op; a list input takes as many values as the attribute `count` says. */
interface InputArgument {
  typeAttr: string | undefined;
  isList: boolean;
}

let registry: Map<string, InputArgument[]> | undefined;

/**
 * The type attributes of an op that follow from its inputs.
 *
 * @param op The op's name.
 * @param dtypes dtype of each input; undefined where it isn't known.
 */
export function typeAttrs(
  op: string,
  dtypes: (number | undefined)[],
): Record<string, { type: number }> {
  registry ??= readRegistry();
  const attrs: Record<string, { type: number }> = {};
  const args = registry.get(op) ?? [];
  // A list that is not last would need its length to find the inputs after it.
  const fromEnd = args.length > 0 && args[0]!.isList;
  args.forEach((argument, i) => {
    const dtype = dtypes[fromEnd && i > 0 ? dtypes.length - args.length + i : i];
    if (argument.typeAttr !== undefined && dtype !== undefined) {
      attrs[argument.typeAttr] = { type: dtype };
    }
  });
  return attrs;
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
