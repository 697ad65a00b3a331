/** Optimizers in Keras' files. */
import type { Optimizer } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { get, isKerasSchedule, KerasOptimizer, serialize } from "../optimizers";
import { asKeras, tfjsOptimizers } from "../tfjs";
import { field, ModelFileError } from "./json";

/** An optimizer as a file describes it. */
export interface ReadOptimizer {
  optimizer: Optimizer;
  /** True where the file lists slots kind by kind, as Keras 2 did before 2.11: `m`, `m`, `v`, `v`. */
  byKind: boolean;
}

/**
 * Makes the optimizer that Keras describes, with Keras' formulas.
 *
 * @param options.keras2 Whether Keras 2 wrote it.
 * @throws ModelFileError naming the optimizer or setting that has no counterpart.
 */
export function readOptimizer(entry: JsonObject, options: { keras2: boolean }): ReadOptimizer {
  const config = field(entry, "config");
  const inner = isObject(config) ? (field(config, "inner_optimizer") ?? config.optimizer) : null;
  // Keras 2 keeps the state otherwise, and scales for float16's narrow range; here all is computed in float32.
  if (options.keras2 && isObject(inner ?? null)) return readOptimizer(inner as JsonObject, options);
  const className = String(field(entry, "class_name")).replace(/^Custom>/, "");
  const settings = isObject(config) ? { ...config } : {};
  const isLegacy = options.keras2 && isOfBefore(entry, settings);
  nameRate(settings);
  try {
    if (isLegacy && className === "Nadam") {
      throw new ConvnetsError("Keras 2 had another formula for it before 2.11");
    }
    const optimizer = get({ class_name: className, config: settings });
    return { optimizer, byKind: isLegacy };
  } catch (cause) {
    throw new ModelFileError(
      `is compiled with the optimizer ${describeValue(className)}, which is refused: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Whether an optimizer of Keras 2 is one of before 2.11: `.keras` files name the module, `.h5` files never do. */
function isOfBefore(entry: JsonObject, settings: JsonObject): boolean {
  const module = field(entry, "module");
  if (typeof module === "string") return module.endsWith(".legacy");
  return settings.is_legacy_optimizer !== false;
}

/** Gives the learning rate the name of today, and the form: Keras 2's `decay` is a schedule of Keras 3. */
function nameRate(settings: JsonObject): void {
  const { lr, decay, ...rest } = settings;
  const rate = (rest.learning_rate ?? lr) as Json | undefined;
  delete settings.lr; // of Keras before 2.3
  if (rate === undefined) return;
  settings.learning_rate = rate;
  if (typeof decay !== "number" || decay === 0 || typeof rate !== "number") return;
  delete settings.decay;
  const config = { initial_learning_rate: rate, decay_steps: 1, decay_rate: decay };
  settings.learning_rate = { class_name: "InverseTimeDecay", config };
}

/** Describes an optimizer as Keras does. */
export function writeOptimizer(optimizer: Optimizer): JsonObject {
  if (optimizer instanceof KerasOptimizer) {
    const { schedule } = optimizer.rate;
    if (schedule !== undefined && !isKerasSchedule(schedule)) {
      const { name } = schedule.constructor;
      throw new ModelFileError(
        `the learning rate ${name} can't be written: Keras has no such class`,
      );
    }
    return { ...serialize(optimizer) };
  }
  if (!tfjsOptimizers.includes(optimizer.getClassName())) {
    throw new ModelFileError(
      `the optimizer ${optimizer.getClassName()} can't be written. Supported: Keras' own and tfjs' ${tfjsOptimizers.join(", ")}`,
    );
  }
  const twin = get(asKeras(optimizer));
  try {
    return { ...serialize(twin) };
  } finally {
    twin.dispose();
  }
}
