/** Whose code an object runs: tfjs' and this library's, or the user's own. */
import * as tf from "./tfjs";

/** The classes whose code is known, and those that they are derived from. */
const known = new Set<unknown>();
for (const [cls] of Object.values(tf.serialization.SerializationMap.getMap().classNameMap)) {
  trustClass(cls);
}

/** Says that a class' code is the library's. */
export function trustClass(cls: unknown): void {
  let each = cls;
  while (typeof each === "function" && each !== Function.prototype && !known.has(each)) {
    known.add(each);
    each = Object.getPrototypeOf(each);
  }
}

/** Functions that take the place of methods. */
const knownFunctions = new WeakSet<object>();

/** Says that a function that takes a method's place is the library's, and calls nothing but that method. */
export function trustFunction(method: object): void {
  knownFunctions.add(method);
}

/** Whether something is a class whose code is tfjs' or the library's. */
export function isKnownClass(cls: unknown): boolean {
  return known.has(cls);
}

/** Whether an object is of a user's own class, or has a method that was put in the place of its class'. */
export function runsUserCode(object: object): boolean {
  return !known.has(object.constructor) || Object.keys(object).some(isReplaced, object);
}

function isReplaced(this: object, key: string): boolean {
  const own: unknown = Reflect.get(this, key);
  if (typeof own !== "function" || knownFunctions.has(own)) return false;
  return key in Object.getPrototypeOf(this);
}

/** The functions of a user's own in an object: methods and accessors of classes that aren't known, and fields. */
export function userFunctions(object: object): unknown[] {
  const fields: unknown[] = Object.values(object);
  const methods = userPrototypes(object).flatMap((prototype) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(
      ([name, { value, get, set }]): unknown[] => (name === "constructor" ? [] : [value, get, set]),
    ),
  );
  return [...fields, ...methods].filter((each) => typeof each === "function");
}

/** The prototypes of an object whose classes aren't known, from its own on. */
export function userPrototypes(object: object): object[] {
  const found: object[] = [];
  let prototype: object | null = Object.getPrototypeOf(object);
  while (
    prototype !== null &&
    Object.getPrototypeOf(prototype) !== null &&
    !known.has(prototype.constructor)
  ) {
    found.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  return found;
}
