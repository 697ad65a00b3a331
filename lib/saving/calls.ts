/** The calls that connect a Functional model's layers, as Keras 2 and Keras 3 write them. */
import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import type { CallArguments } from "../tfjs";
import { field, listField, ModelFileError, objectField } from "./json";
import type { CallRule } from "./layerRule";
import { toCamelCase } from "./names";
import { classNameOf } from "./titles";
import { flag } from "./values";

/** A tensor in a description: which call of which layer, and which of its outputs. */
export type Reference = [layer: string, call: number, output: number];

/** One call of a layer: its inputs, and whether the call fixes `training` and the mask. */
export interface Call {
  layer: string;
  inputs: Reference[];
  asList: boolean;
  training: boolean | undefined;
  /** The argument `mask`, where it is a tensor. */
  mask: Reference | undefined;
  /** What else the call is told. */
  kwargs?: CallArguments;
}

/** Reads one entry of `inbound_nodes`; `rule` says what calls of the layer's class may be told. */
export function readCall(
  layer: string,
  node: Json,
  { title, rule }: { title: string; rule?: CallRule | undefined },
): Call {
  if (!isObject(node)) return readKeras2Call(layer, node, title);
  return rule?.tensors === undefined
    ? readKeras3Call(layer, node, { title, rule })
    : readCallByNames(layer, node, { title, ...rule, tensors: rule.tensors });
}

/** `{ args: [query, value], kwargs: { key, … } }` */
function readCallByNames(
  layer: string,
  node: JsonObject,
  { title, tensors, flags }: CallRule & { title: string; tensors: readonly string[] },
): Call {
  const where = `${title}: the call of "${layer}"`;
  const args = listField(node, "args", title);
  if (args.length > tensors.length) {
    throw new ModelFileError(`${where} has ${args.length} arguments. Supported: ${tensors.length}`);
  }
  const kwargs = objectField(node, "kwargs", title);
  const positional = args.map((arg, i) => [tensors[i]!, arg] as const);
  // Keras follows these in the order of their names, which layers and weights are in then.
  const others = tensors.toSorted().map((name) => [name, field(kwargs, name) ?? null] as const);
  const given = [...positional, ...others].filter(([, tensor]) => tensor !== null);
  const inputs = given.map(([name, tensor]) =>
    tensorReference(tensor, `${where}, argument ${name},`),
  );
  for (const [key, setting] of Object.entries(kwargs)) {
    if (setting === null || [...tensors, ...flags, "training"].includes(key)) continue;
    throw unknownArgument(where, key, [...tensors, ...flags]);
  }
  const inputNames = given.map(([name]) => toCamelCase(name));
  const told = { ...readFlags(kwargs, flags, where), inputNames, namedFrom: args.length };
  const call = { layer, inputs, asList: true, training: trainingFlag(kwargs) };
  return { ...call, mask: undefined, kwargs: told };
}

function unknownArgument(where: string, key: string, known: readonly string[]): ModelFileError {
  return new ModelFileError(
    `${where} has the argument \`${key}\`. Supported: ${known.join(", ")}, training`,
  );
}

function readFlags(kwargs: JsonObject, flags: readonly string[], where: string): CallArguments {
  const given = flags.filter((name) => (field(kwargs, name) ?? null) !== null);
  return Object.fromEntries(
    given.map((name) => [
      toCamelCase(name),
      flag.read(kwargs[name]!, `${where}, argument ${name},`),
    ]),
  );
}

/** `{ args: [tensor or [tensors]], kwargs }` */
function readKeras3Call(
  layer: string,
  node: JsonObject,
  { title, rule }: { title: string; rule: CallRule | undefined },
): Call {
  const [first, ...more] = listField(node, "args", title);
  const kwargs = objectField(node, "kwargs", title);
  const where = `${title}: the call of "${layer}"`;
  const asList = Array.isArray(first);
  const states = rule?.states ? flattened(more.shift() ?? field(kwargs, "initial_state")) : [];
  const values = [...(asList ? first : [first]), ...states];
  const masks = rule?.masks === undefined ? [] : maskList(field(kwargs, "mask"), rule.masks, where);
  const inputs = [...values, ...masks.map(([, mask]) => mask)].map((item) =>
    tensorReference(item ?? null, where),
  );
  if (more.length > 0) {
    throw new ModelFileError(`${where} has more than one argument, which is not supported`);
  }
  for (const [key, setting] of Object.entries(kwargs)) {
    const known = ["training", ...(rule === undefined || rule.states ? ["mask"] : rule.flags)];
    if (rule?.states) known.push("initial_state");
    if (rule?.masks) known.push("mask");
    if (known.includes(key) || setting === null) continue;
    throw new ModelFileError(
      `${where} has the argument \`${key}\`. Supported: ${known.join(", ")}`,
    );
  }
  const training = trainingFlag(kwargs);
  const told = readFlags(kwargs, rule?.flags ?? [], where);
  if (masks.length > 0) {
    const names = [...["query", "value", "key"].slice(0, values.length), ...masks.map(([n]) => n)];
    const inputNames = names.map(toCamelCase);
    return { layer, inputs, asList, training, mask: undefined, kwargs: { ...told, inputNames } };
  }
  const mask = rule?.masks === undefined ? keras3Mask(field(kwargs, "mask"), where) : undefined;
  return { layer, inputs, asList, training, mask, kwargs: told };
}

/** A mask for each of several inputs, by the names that these masks have. */
function maskList(
  list: Json | undefined,
  names: readonly string[],
  where: string,
): [name: string, mask: Json][] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || list.length < 2 || list.length > names.length) {
    throw new ModelFileError(
      `${where} has the mask ${describeValue(list)}. Supported: a list of 2 or ${names.length}`,
    );
  }
  return list.flatMap((mask, i) => (mask === null ? [] : [[names[i]!, mask] as [string, Json]]));
}

/** First states: one tensor, a list, or a list for each of several cells. */
function flattened(states: Json | undefined): Json[] {
  if (states === undefined || states === null) return [];
  return Array.isArray(states) ? states.flatMap(flattened) : [states];
}

/** A model in a model has a list of masks. */
function keras3Mask(value: Json | undefined, where: string): Reference | undefined {
  const given = [value].flat();
  const masks = given.filter((mask) => mask !== undefined && mask !== null);
  if (masks.length === 0) return undefined;
  if (masks.length === 1 && given[0] === masks[0])
    return tensorReference(masks[0]!, `${where}, argument mask,`);
  throw new ModelFileError(
    `${where} has a mask of another input than its first, which is not supported`,
  );
}

/** The tensor that a `__keras_tensor__` stands for. */
export function tensorReference(item: Json, where: string): Reference {
  const config = isObject(item) && classNameOf(item) === "__keras_tensor__" && item.config;
  const history = isObject(config as Json)
    ? field(config as JsonObject, "keras_history")
    : undefined;
  return asReference(history, where);
}

/** `[[layer, call, output, kwargs], …]` */
function readKeras2Call(layer: string, node: Json, title: string): Call {
  const where = `${title}: the call of "${layer}"`;
  if (!Array.isArray(node)) throw new ModelFileError(`${where} is ${describeValue(node)}`);
  let training: boolean | undefined;
  let mask: Reference | undefined;
  const items = typeof node[0] === "string" ? [node] : node;
  const inputs = items.map((item) => {
    const kwargs = Array.isArray(item) ? item[3] : undefined;
    if (isObject(kwargs)) {
      training = trainingFlag(kwargs);
      const given = field(kwargs, "mask");
      if (Array.isArray(given)) mask = asReference(given, `${where}, argument mask,`);
    }
    return asReference(Array.isArray(item) ? item.slice(0, 3) : item, where);
  });
  return { layer, inputs, asList: false, training, mask };
}

function trainingFlag(kwargs: JsonObject): boolean | undefined {
  const training = field(kwargs, "training");
  return typeof training === "boolean" ? training : undefined;
}

/** One reference, a list of them, or a dictionary by name. */
export function references(value: Json | undefined, title: string): Reference[] {
  if (Array.isArray(value) && typeof value[0] === "string") return [asReference(value, title)];
  const items = isObject(value) ? Object.values(value) : value;
  if (!Array.isArray(items) || items.length === 0) {
    throw new ModelFileError(`${title} has no inputs or outputs: ${describeValue(value)}`);
  }
  return items.map((item) => asReference(item, title));
}

function asReference(value: Json | undefined, where: string): Reference {
  if (
    Array.isArray(value) &&
    value.length === 3 &&
    typeof value[0] === "string" &&
    Number.isInteger(value[1]) &&
    Number.isInteger(value[2])
  ) {
    return value as Reference;
  }
  throw new ModelFileError(`${where} refers to ${describeValue(value)}, which is not a tensor`);
}
