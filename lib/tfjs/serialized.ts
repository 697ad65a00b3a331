/** Objects as `{ className, config }`, as tfjs describes them. */
import type { serialization } from "@tensorflow/tfjs-node-gpu";

/** tfjs' arguments or configuration, in camelCase. */
export type Config = Record<string, unknown>;

/** An object that tfjs describes as `{ className, config }`. */
export interface Serialized {
  className: string;
  config: Config;
}

/** Describes an initializer, regularizer or constraint as tfjs itself does. */
export function serialized(
  object: serialization.Serializable | null | undefined,
): Serialized | null {
  return object == null ? null : { className: object.getClassName(), config: object.getConfig() };
}
