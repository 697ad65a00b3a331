/** Optimizers in Keras' files. */
import type { Optimizer } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { get, KerasOptimizer, serialize } from "../optimizers";
import { asKeras, tfjsOptimizers } from "../tfjs";
import { field, ModelFileError } from "./json";
import { type RateAt, readSchedule } from "./schedules";

/** An optimizer as a file describes it. */
export interface ReadOptimizer {
  optimizer: Optimizer;
  /** True where the file lists slots kind by kind, as Keras 2 did before 2.11: `m`, `m`, `v`, `v`. */
  byKind: boolean;
  /** The rate of the next step, where it follows the number of steps. */
  rateAt?: RateAt;
  /** What such a rate follows, for messages. */
  schedule?: string;
}

/**
 * Makes the optimizer that Keras describes, with Keras' formulas.
 *
 * A rate that follows the number of steps becomes a plain number.
 *
 * @param options.keras2 Whether Keras 2 wrote it.
 * @throws ModelFileError naming the optimizer or setting that has no counterpart.
 */
export function readOptimizer(entry: JsonObject, options: { keras2: boolean }): ReadOptimizer {
  const config = field(entry, "config");
  const inner = isObject(config) ? (field(config, "inner_optimizer") ?? config.optimizer) : null;
  // Loss scaling is for float16's narrow range; here all is computed in float32.
  if (isObject(inner ?? null)) return readOptimizer(inner as JsonObject, options);
  const className = String(field(entry, "class_name")).replace(/^Custom>/, "");
  const settings = isObject(config) ? { ...config } : {};
  const isLegacy = options.keras2 && isOfBefore(entry, settings);
  const { rateAt, schedule } = takeRate(settings);
  try {
    if (isLegacy && className === "Nadam") {
      throw new ConvnetsError("Keras 2 had another formula for it before 2.11");
    }
    const optimizer = get({ class_name: className, config: settings });
    return { optimizer, byKind: isLegacy, rateAt, schedule };
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

/** Makes the learning rate in the settings a number, and returns what it follows. */
function takeRate(settings: JsonObject): Pick<ReadOptimizer, "rateAt" | "schedule"> {
  const { lr, decay, ...rest } = settings;
  const given = (rest.learning_rate ?? lr) as Json | undefined;
  delete settings.lr; // of Keras before 2.3
  if (isObject(given ?? null)) {
    const rateAt = readSchedule(given as JsonObject);
    if (rateAt === undefined) return {}; // the optimizer refuses it by name
    settings.learning_rate = rateAt(0);
    return { rateAt, schedule: String(field(given as JsonObject, "class_name")) };
  }
  if (given !== undefined) settings.learning_rate = given;
  if (typeof decay !== "number" || decay === 0 || typeof given !== "number") return {};
  delete settings.decay;
  return { rateAt: (steps) => given / (1 + decay * steps), schedule: `decay=${decay}` };
}

/** Describes an optimizer as Keras does. */
export function writeOptimizer(optimizer: Optimizer): JsonObject {
  if (optimizer instanceof KerasOptimizer) return { ...serialize(optimizer) };
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
