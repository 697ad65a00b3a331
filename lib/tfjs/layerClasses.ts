/** Layer classes by name: tfjs' serialisation. */
import type { LayersModel, serialization } from "@tensorflow/tfjs-node-gpu";
import type { JsonObject } from "../json";
import { type Insides, insides } from "./insides";
import type { Layer } from "./layer";
import { type Config, serialized } from "./serialized";
import { tf } from "./tensorflow";
import { trustClass } from "./userCode";

/** A class of layers; `Parts` are fields that subclasses may use. */
export type LayerClass<Parts = unknown> = new (config: Config) => Layer & Parts;

/**
 * Makes a class of layers known to tfjs under its `className`, in the place of any that had the name.
 *
 * An initializer of that name stays: tfjs has one register for all, and describes only layers with a name. tfjs declares that a class must take any arguments, which one with options of its own doesn't.
 */
export function registerClass(cls: NamedClass): void {
  trustClass(cls);
  registerUserClass(cls);
}

/** A class as tfjs knows it. */
export interface NamedClass {
  className: string;
  prototype: serialization.Serializable;
}

/** As `registerClass`, for a class of a user's, whose code is watched. */
export function registerUserClass(cls: NamedClass): void {
  const before = registeredClass(cls.className);
  const isInitializer = before !== undefined && layerClass(cls.className) === undefined;
  tf.serialization.registerClass(
    cls as unknown as serialization.SerializableConstructor<serialization.Serializable>,
  );
  if (!isInitializer) return;
  const map = tf.serialization.SerializationMap.getMap().classNameMap;
  const [, fromConfig] = map[cls.className]!;
  map[cls.className]![1] = (made, config) =>
    "name" in config ? fromConfig(made, config) : (before[1](before[0], config) as never);
}

/** The class registered under that name, and how it is made from a configuration. */
function registeredClass(className: string) {
  const map = tf.serialization.SerializationMap.getMap().classNameMap;
  return Object.hasOwn(map, className) ? map[className] : undefined;
}

/** The registered layer class of that name, or `undefined` when there is none or it is no layer. */
export function layerClass(className: string): LayerClass | undefined {
  const cls: object | undefined = registeredClass(className)?.[0];
  const isLayer = typeof cls === "function" && cls.prototype instanceof tf.layers.Layer;
  return isLayer ? (cls as LayerClass) : undefined;
}

/** Without what only convolutions of sequences may be. */
type TransposedConv = Insides["Conv"] & { padding: "valid" | "same" };

/** tfjs' classes that this library derives its own from, with the fields that they need. */
type BaseClasses = Pick<
  Insides,
  "Dense" | "Embedding" | "GRUCell" | "UpSampling2D" | "DepthwiseConv2D" | "SeparableConv2D"
> & {
  AveragePooling1D: unknown;
  MaxPooling1D: unknown;
  Conv1D: Insides["Conv"];
  LayerNormalization: Insides["Normalization"] & Insides["LayerNormalization"];
  Conv2D: Insides["Conv"];
  Conv3D: Insides["Conv"];
  Conv2DTranspose: TransposedConv;
  Conv3DTranspose: TransposedConv;
};

/**
 * A class of tfjs to derive from; tfjs exports none of them, and declares only what makes their layers.
 *
 * @param className A class that tfjs has registered itself.
 */
export function baseClass<Name extends keyof BaseClasses>(
  className: Name,
): LayerClass<BaseClasses[Name]> {
  return layerClass(className) as LayerClass<BaseClasses[Name]>;
}

/** The initializer of a name or a description; tfjs has no function that makes one of either. */
export function initializerOf(kernelInitializer: unknown): Insides["Conv"]["kernelInitializer"] {
  const config = { name: "unused", filters: 1, kernelSize: 1, kernelInitializer };
  return insides("Conv", tf.layers.conv1d(config as Parameters<typeof tf.layers.conv1d>[0]))
    .kernelInitializer;
}

/** Makes a registered layer from its tfjs configuration. */
export function makeLayer(className: string, config: Config): Layer {
  const [cls, fromConfig] = registeredClass(className)!;
  return fromConfig(cls, config as serialization.ConfigDict) as Layer;
}

/** What tfjs itself writes of a model, in Keras' spelling: its class, its layers and how they are connected. */
export function topologyOf(model: LayersModel): JsonObject {
  return model.toJSON(undefined, false) as JsonObject;
}

/** A layer's own configuration, where tfjs 4.22 gets it right. */
export function configOf(layer: Layer): Config {
  const config: Config = layer.getConfig();
  if (/^DepthwiseConv[12]D$/.test(layer.getClassName())) {
    // It writes the regularizer in the constraint's place.
    const { depthwiseConstraint } = insides("DepthwiseConv2D", layer);
    config.depthwiseConstraint = serialized(depthwiseConstraint);
  }
  if (layer.getClassName() === "SeparableConv2D") {
    config.depthMultiplier = insides("SeparableConv2D", layer).depthMultiplier; // it leaves it out
  }
  return config;
}
