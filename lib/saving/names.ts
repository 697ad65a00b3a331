/** The spellings on both sides: Keras writes `use_bias` and `channels_last`, tfjs `useBias` and `channelsLast`. */
import type { Json, JsonObject } from "../json";
import type { Config } from "../tfjs";

/** `max_value` → `maxValue`. */
export function toCamelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, next: string) => next.toUpperCase());
}

/** `maxValue` → `max_value`, `beta1` → `beta1`. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Keras' configuration with tfjs' spelling of all keys. */
export function camelCased(config: JsonObject): Config {
  return Object.fromEntries(
    Object.entries(config).map(([key, setting]) => [toCamelCase(key), camelWord(key, setting)]),
  );
}

/** Data formats are the one word of these layers whose spelling differs. */
function camelWord(key: string, setting: Json): unknown {
  return key === "data_format" && typeof setting === "string" ? toCamelCase(setting) : setting;
}

/** The way back. */
export function snakeCased(config: Config): JsonObject {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([, setting]) => setting !== undefined)
      .map(([key, setting]) => [
        toSnakeCase(key),
        key === "dataFormat" ? toSnakeCase(setting as string) : (setting as Json),
      ]),
  );
}

/** Makes names unique the way Keras numbers the entries of a list: `dense`, `dense_1`, `dense_2`. */
export class NameCounter {
  private readonly used = new Map<string, number>();

  /** The name itself the first time, then numbered. */
  next(name: string): string {
    const count = this.used.get(name);
    this.used.set(name, (count ?? -1) + 1);
    return count === undefined ? name : `${name}_${count + 1}`;
  }
}
