/** What JavaScript holds and nobody can look at before each call: hidden state, and too much of it. */
import { types } from "node:util";
import { tf } from "../tfjs";

/** Numbers that are compared before each call; more is data, which a function is given. */
const MOST_NUMBERS = 65_536;
/** Items of a list that are gone through one by one. */
const LONGEST_LIST = 256;

const classes: readonly [is: (value: unknown) => boolean, name: string][] = [
  [types.isMap, "a Map"],
  [types.isSet, "a Set"],
  [types.isWeakMap, "a WeakMap"],
  [types.isWeakSet, "a WeakSet"],
  [types.isDate, "a Date"],
  [types.isAnyArrayBuffer, "an ArrayBuffer"],
  [types.isDataView, "a DataView"],
  [types.isGeneratorObject, "a generator"],
  [(value) => value instanceof tf.TensorBuffer, "a tf.TensorBuffer"],
];

/** What an object has that can't be watched, in words: `a Map`. Undefined where all of it can. */
export function unseenIn(object: object): string | undefined {
  if (types.isProxy(object)) return "a Proxy";
  const found = classes.find(([is]) => is(object));
  if (found !== undefined) return found[1];
  if (isList(object)) {
    if (object.length <= LONGEST_LIST || isOfNumbers(object)) return undefined;
    const what = Array.isArray(object) ? "list" : object.constructor.name;
    return `a ${what} of ${object.length} ${Array.isArray(object) ? "items" : "numbers"}`;
  }
  for (const key of Reflect.ownKeys(object)) {
    const { get, enumerable } = Object.getOwnPropertyDescriptor(object, key)!;
    if (get !== undefined) return "a getter of its own";
    if (typeof key === "symbol") return "a symbol as a key";
    if (enumerable !== true) return "a field that isn't enumerable";
  }
  return undefined;
}

/** Whether a list is looked at as a whole: its items are no objects. */
export function isOfNumbers(list: object): boolean {
  if (!isList(list) || list.length > MOST_NUMBERS) return false;
  return !Array.isArray(list) || list.every((item) => Object(item) !== item);
}

/** Whether something is a list or a typed array. */
function isList(object: object): object is ArrayLike<unknown> {
  return Array.isArray(object) || ArrayBuffer.isView(object);
}

/** Objects whose state no function reads: it can only be waited for, thrown, or matched. */
export function isStateless(object: object): boolean {
  if (types.isRegExp(object)) return !object.global && !object.sticky;
  return types.isPromise(object) || types.isNativeError(object) || types.isBoxedPrimitive(object);
}

/** What Node itself shows as globals, and what a file is called with; the last are those that tfjs leaves. */
const standardGlobals = new Set([
  "global",
  "clearImmediate",
  "setImmediate",
  "clearInterval",
  "clearTimeout",
  "setInterval",
  "setTimeout",
  "queueMicrotask",
  "structuredClone",
  "atob",
  "btoa",
  "performance",
  "fetch",
  "navigator",
  "crypto",
  "__filename",
  "module",
  "exports",
  "__dirname",
  "require",
  "proto",
  "_tfGlobals",
  "_tfengine",
]);

/** A global of the user's among some names. */
export function userGlobalIn(names: ReadonlySet<string>): string | undefined {
  return Object.keys(globalThis).find((name) => names.has(name) && !standardGlobals.has(name));
}
