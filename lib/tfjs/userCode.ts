/** Whose code an object runs: tfjs' and this library's, or the user's own. */
import * as tf from "./tfjs";

/** The classes whose code is known. */
const known = new Set<unknown>(
  Object.values(tf.serialization.SerializationMap.getMap().classNameMap).map(([cls]) => cls),
);

/** Says that a class' code is the library's. */
export function trustClass(cls: unknown): void {
  known.add(cls);
}

/** Whether an object is of a user's own class, or has a method that was put in the place of its class'. */
export function runsUserCode(object: object): boolean {
  return !known.has(object.constructor) || Object.keys(object).some(isReplaced, object);
}

function isReplaced(this: object, key: string): boolean {
  const own: unknown = Reflect.get(this, key);
  return typeof own === "function" && key in Object.getPrototypeOf(this);
}
