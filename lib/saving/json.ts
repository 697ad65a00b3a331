/** What a model file says, before anything is believed: JSON values, checked as they are read. */
import { ConvnetsError, describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { parsePythonJson } from "./pythonJson";

/** A model or weights file that cannot be read or written; the message names the file and the place in it. */
export class ModelFileError extends ConvnetsError {}

/** An object's own field; inherited names such as `constructor` don't count. */
export function field(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A field that must be an object. */
export function objectField(object: JsonObject, key: string, where: string): JsonObject {
  const value = field(object, key);
  if (!isObject(value)) throw broken(where, key, "an object", value);
  return value;
}

/** A field that must be a string. */
export function stringField(object: JsonObject, key: string, where: string): string {
  const value = field(object, key);
  if (typeof value !== "string") throw broken(where, key, "a string", value);
  return value;
}

/** A field that must be a list. */
export function listField(object: JsonObject, key: string, where: string): Json[] {
  const value = field(object, key);
  if (!Array.isArray(value)) throw broken(where, key, "a list", value);
  return value;
}

/** Parses JSON, as Python writes it, that must be an object. */
export function parseObject(text: string, where: string): JsonObject {
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (cause) {
    throw new ModelFileError(`${where} is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isObject(value)) {
    throw new ModelFileError(`${where} must be a JSON object. Received: ${describeValue(value)}`);
  }
  return value;
}

function broken(where: string, key: string, expected: string, received: unknown): ModelFileError {
  return new ModelFileError(
    `${where} must have ${expected} under "${key}". Received: ${key}=${describeValue(received)}`,
  );
}

/** The error for a name that is none of those that are known. */
export function unsupported(
  where: string,
  noun: string,
  received: unknown,
  known: string[],
): ModelFileError {
  return new ModelFileError(
    `${where} has the ${noun} ${describeValue(received)}, which is not supported. Supported: ${known.join(", ")}`,
  );
}
