/** Masks as Keras writes them: operations on what a layer was called on, and arguments of calls. */
import { isObject, type JsonObject } from "../json";
import type { CallNode } from "../tfjs";
import { explicitMaskOf } from "../tfjs";
import { type Call, type Reference, readCall } from "./calls";
import { field, listField, ModelFileError } from "./json";
import { classNameOf } from "./titles";

/** A mask by what it is made from. */
export interface MaskReference {
  of: Reference;
  /** The mask is where values differ from this. */
  notEqualTo?: number;
  /** Whether a time step counts when any of its values does. */
  any?: boolean;
}

/** A mask of several layers', which is derived again. */
export const derived = "derived";

/** What masks are made with, when Keras derives them. */
const operations = [
  "Any",
  "Concatenate",
  "ExpandDims",
  "LogicalOr",
  "NotEqual",
  "OnesLike",
  "ZerosLike",
];

/** The operations of a Functional model that only make masks, which tfjs derives itself or gets with a call. */
export class MaskOperations {
  private readonly masks = new Map<string, MaskReference | typeof derived>();

  /** Whether an entry among a model's layers is such an operation. */
  static includes(entry: JsonObject): boolean {
    const className = classNameOf(entry);
    const isOperation = field(entry, "module") === "keras.src.ops.numpy";
    // HDF5 files leave the module out.
    const isNameless = field(entry, "module") === undefined && className !== "Concatenate";
    return (isOperation || isNameless) && operations.includes(className);
  }

  add(name: string, entry: JsonObject, title: string): void {
    const [node] = listField(entry, "inbound_nodes", title);
    const args = isObject(node) ? listField(node, "args", title) : [];
    const [tensor, value] = args;
    const className = classNameOf(entry);
    const isSimple = className === "Any" || (className === "NotEqual" && typeof value === "number");
    this.masks.set(name, derived);
    if (!isSimple || !isObject(tensor)) return;
    const { inputs } = readCall(name, { args: [tensor], kwargs: {} }, title);
    const [of] = inputs as [Reference];
    const inner = this.masks.get(of[0]);
    if (className === "NotEqual") this.masks.set(name, { of, notEqualTo: value as number });
    else if (inner !== derived) this.masks.set(name, { ...(inner ?? { of }), any: true });
  }

  /** The mask that a call is given, by a tensor of the model that is no mask itself. */
  resolve({ mask }: Call): MaskReference | typeof derived | undefined {
    if (mask === undefined) return undefined;
    return this.masks.get(mask[0]) ?? { of: mask };
  }
}

/** The tensor that a call was given as its mask; undefined where the mask is derived. */
export function maskTensorOf(node: CallNode, title: string) {
  const mask = explicitMaskOf(node);
  if (mask === undefined) return undefined;
  if (mask.notEqualTo === undefined && mask.any !== true) return mask.of;
  throw new ModelFileError(
    `${title} is called with a mask that an operation makes, which can't be written`,
  );
}
