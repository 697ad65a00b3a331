/** Masks as Keras writes them: operations on what a layer was called on, and arguments of calls. */
import { isObject, type Json, type JsonObject } from "../json";
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

/** What masks are made with, when Keras derives them; models may have them for other values, too. */
const operations = [
  "Any",
  "Concatenate",
  "ConvertToTensor",
  "ExpandDims",
  "LogicalOr",
  "NotEqual",
  "OnesLike",
  "ZerosLike",
];

/** The operations of a Functional model that only make masks, which tfjs derives itself or gets with a call. */
export class MaskOperations {
  private readonly masks = new Map<string, MaskReference | typeof derived>();
  private readonly entries: ReadonlySet<JsonObject>;

  /**
   * @param entries What a model has among its layers.
   * @param outputs The model's own.
   */
  constructor(entries: JsonObject[], outputs: Reference[]) {
    const candidates = new Map(
      entries.filter(mayMakeMask).map((entry) => [field(entry, "name"), entry]),
    );
    const found = new Set(candidates.values());
    const waiting = entries.filter((entry) => !found.has(entry));
    const isValue = (name: string) => {
      const entry = candidates.get(name);
      if (entry !== undefined && found.delete(entry)) waiting.push(entry);
    };
    for (const [name] of outputs) isValue(name);
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      const isAttention = /Attention$/.test(classNameOf(entry));
      for (const name of calledOn(field(entry, "inbound_nodes"), isAttention)) isValue(name);
    }
    this.entries = found;
  }

  /** Whether an entry among a model's layers is such an operation. */
  includes(entry: JsonObject): boolean {
    return this.entries.has(entry);
  }

  add(name: string, entry: JsonObject, title: string): void {
    const [node] = listField(entry, "inbound_nodes", title);
    const args = isObject(node) ? listField(node, "args", title) : [];
    const [tensor, value] = args;
    const className = classNameOf(entry);
    const isSame = className === "ConvertToTensor"; // Attention's own
    const isSimple =
      isSame || className === "Any" || (className === "NotEqual" && typeof value === "number");
    this.masks.set(name, derived);
    if (!isSimple || !isObject(tensor)) return;
    const { inputs } = readCall(name, { args: [tensor], kwargs: {} }, { title });
    const [of] = inputs as [Reference];
    const inner = this.masks.get(of[0]);
    if (isSame) this.masks.set(name, inner ?? { of });
    else if (className === "NotEqual") this.masks.set(name, { of, notEqualTo: value as number });
    else if (inner !== derived) this.masks.set(name, { ...(inner ?? { of }), any: true });
  }

  /** The mask that a call is given, by a tensor of the model that is no mask itself. */
  resolve({ mask }: Call): MaskReference | typeof derived | undefined {
    if (mask === undefined) return undefined;
    return this.masks.get(mask[0]) ?? { of: mask };
  }
}

function mayMakeMask(entry: JsonObject): boolean {
  const className = classNameOf(entry);
  const module = field(entry, "module");
  const isOperation = module === "keras.src.ops.numpy" || module === "keras.src.ops.core";
  // HDF5 files leave the module out.
  const isNameless = module === undefined && className !== "Concatenate";
  return (isOperation || isNameless) && operations.includes(className);
}

/** The names of the layers whose tensors calls take; `takesMasks` says whether those of masks are among them. */
function calledOn(value: Json | undefined, takesMasks: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => calledOn(item, takesMasks));
  if (!isObject(value)) return [];
  const history = field(value, "keras_history");
  if (Array.isArray(history)) return typeof history[0] === "string" ? [history[0]] : [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === "mask" && !takesMasks ? [] : calledOn(item, takesMasks),
  );
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
