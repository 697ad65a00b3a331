/** Optimizers as Keras writes them into files. */
import { kerasConfig, type SerializedOptimizer } from "./config";
import type { KerasOptimizer } from "./optimizer";

/**
 * An optimizer's description with Keras' names, as `keras.optimizers.serialize` gives it.
 *
 * @example
 * import { optimizers } from "convnets";
 * const { class_name, config } = optimizers.serialize(optimizers.adam());
 * console.log(class_name, config.learning_rate); // Adam 0.001
 */
export function serialize(optimizer: KerasOptimizer): SerializedOptimizer {
  const className = optimizer.getClassName();
  return {
    module: "keras.optimizers",
    class_name: className,
    config: kerasConfig(className, optimizer.getConfig()),
    registered_name: null,
  };
}
