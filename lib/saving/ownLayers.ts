/** Classes of a user's own that Keras' files name. */
import { InvalidArgumentError, invalidArgument } from "../errors";
import type { JsonObject } from "../json";
import { layerClass as classOf, type Layer, registerUserClass, tf } from "../tfjs";
import { field } from "./json";

/** A class of layers, with its options as the constructor's only argument. */
export interface OwnLayerClass {
  new (config: never): Layer;
  /** The name of Python's class. */
  className: string;
  /** What its layers share. */
  prototype: Layer;
}

/** Keras' package of a class that is registered without one. */
const DEFAULT_PACKAGE = "Custom";

/** The package of each class, by the class' name. */
const packages = new Map<string, string>();

/**
 * Makes a layer class of one's own known to `loadModel`, and to Keras what `saveModel` writes of it.
 *
 * In Python the class has `@keras.saving.register_keras_serializable(package="mine")`; here it is a sub-class of
 * `tf.layers.Layer`. The constructor gets the options of Python's `get_config` in camelCase, and `getConfig` gives them
 * back. Weights are Python's, in the order in which `build` adds them.
 *
 * @param registeredName Package and class, such as `"mine>Scale"`; of a class alone, Keras' package `Custom`.
 * @param layerClass The class; its `className` is the name of Python's class.
 * @throws InvalidArgumentError for another name than the class', one of Keras' own, or what is no class of layers.
 * @example
 * import { loadModel, registerKerasLayer, tf } from "convnets";
 * class Doubled extends tf.layers.Layer {
 *   static className = "Doubled";
 *   override call(x: tf.Tensor | tf.Tensor[]) {
 *     return tf.mul([x].flat()[0]!, 2);
 *   }
 * }
 * registerKerasLayer("mine>Doubled", Doubled);
 * const model = await loadModel("model.keras");
 * @see https://keras.io/api/models/model_saving_apis/serialization_utils/
 */
export function registerKerasLayer(registeredName: string, layerClass: OwnLayerClass): void {
  const { inPackage, name } = registeredNameParts(registeredName, "mine>Scale");
  checkClass(name, layerClass);
  registerUserClass(layerClass);
  packages.set(name, inPackage);
}

/** Package and name of a registered name; the message has an example. */
export function registeredNameParts(
  registeredName: unknown,
  example: string,
): { inPackage: string; name: string } {
  const [, inPackage = DEFAULT_PACKAGE, name] =
    /^(?:([^>]+)>)?([A-Za-z_]\w*)$/.exec(String(registeredName)) ?? [];
  if (name !== undefined) return { inPackage, name };
  throw invalidArgument("registeredName", {
    expected: `a package and a name, such as "${example}"`,
    received: registeredName,
  });
}

function checkClass(name: string, given: OwnLayerClass): void {
  if (typeof given !== "function" || !(given.prototype instanceof tf.layers.Layer)) {
    throw invalidArgument("layerClass", {
      expected: "a sub-class of tf.layers.Layer",
      received: given,
    });
  }
  if (given.className !== name) {
    throw invalidArgument("layerClass.className", {
      expected: `"${name}", the class of \`registeredName\``,
      received: given.className,
    });
  }
  const known: unknown = classOf(name);
  if (known !== undefined && known !== given && !packages.has(name)) {
    throw new InvalidArgumentError(`There is a layer class ${name} already, which is not yours`, {
      hint: "Call yours otherwise, in Python as well.",
    });
  }
}

/** What Keras knows a class of a user's own by, in files. */
export function registeredNameOf(className: string): string {
  const inPackage = packages.get(className);
  return inPackage === undefined ? className : `${inPackage}>${className}`;
}

/** Whether an entry names a class of another package than the one that is registered. */
export function isOfAnotherPackage(entry: JsonObject, className: string): boolean {
  const [registered, inPackage] = [field(entry, "registered_name"), packages.get(className)];
  if (typeof registered !== "string" || inPackage === undefined) return false;
  return registered.includes(">") && registered !== `${inPackage}>${className}`;
}
