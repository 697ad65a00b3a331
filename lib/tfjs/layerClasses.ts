/** The parts of tfjs' layers that its declarations keep to themselves; all as of tfjs 4.22. */
import type { layers, SymbolicTensor, serialization, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "./tensorflow";

/** Any layer; a model is one too. */
export type Layer = layers.Layer;

/** tfjs' arguments or configuration of a layer, in camelCase. */
export type Config = Record<string, unknown>;

/** An object that tfjs describes as `{ className, config }`. */
export interface Serialized {
  className: string;
  config: Config;
}

/** One call of a layer. */
export interface CallNode {
  inboundLayers: Layer[];
  nodeIndices: number[];
  tensorIndices: number[];
  outputTensors: SymbolicTensor[];
  callArgs?: Config;
}

/** One weight of a layer. */
export interface Weight {
  name: string;
  originalName: string;
  shape: number[];
  val: Variable;
}

/** What this room uses of a layer. */
export interface LayerParts {
  inboundNodes: CallNode[];
  cell?: Layer;
  forwardLayer?: Layer;
  backwardLayer?: Layer;
  layer?: Layer;
  depthMultiplier?: number;
  depthwiseConstraint?: serialization.Serializable | null;
  _trainableWeights: (Weight & { trainable: boolean })[];
  _refCount: number;
  setFastWeightInitDuringBuild(value: boolean): void;
}

/** What this room uses of a model. */
export interface ModelParts {
  layers: Layer[];
  containerNodes: Set<string>;
  isOptimizerOwned: boolean;
  trainable_: boolean;
}

/** A layer with its undeclared parts. */
export function partsOf(layer: Layer): Layer & LayerParts {
  return layer as unknown as Layer & LayerParts;
}

/** True for `tf.Sequential` and every other `tf.LayersModel`. */
export function isModel(layer: unknown): layer is InstanceType<typeof tf.LayersModel> & ModelParts {
  return layer instanceof tf.LayersModel;
}

/** A layer's own weights, trainable ones first, whether frozen or not. */
export function ownWeights(layer: Layer): Weight[] {
  const { _trainableWeights, _nonTrainableWeights } = layer as unknown as Record<string, Weight[]>;
  return [..._trainableWeights!, ..._nonTrainableWeights!];
}

type FromConfig = (cls: unknown, config: Config) => unknown;

/** Everything registered with `tf.serialization.registerClass`, by class name. */
function registeredClass(className: string): { cls: object; fromConfig: FromConfig } | undefined {
  const map = tf.serialization.SerializationMap.getMap().classNameMap as unknown as Record<
    string,
    [object, FromConfig]
  >;
  if (!Object.hasOwn(map, className)) return undefined;
  const [cls, fromConfig] = map[className]!;
  return { cls, fromConfig };
}

/** A class of layers. */
export type LayerClass = new (config: Config) => Layer;

/** The registered layer class of that name, or `undefined` when there is none or it is no layer. */
export function layerClass(className: string): LayerClass | undefined {
  const cls = registeredClass(className)?.cls as LayerClass | undefined;
  return cls?.prototype instanceof tf.layers.Layer ? cls : undefined;
}

/** Makes a registered layer from its tfjs configuration. */
export function makeLayer(className: string, config: Config): Layer {
  const { cls, fromConfig } = registeredClass(className)!;
  return fromConfig(cls, config) as Layer;
}

/**
 * Runs what makes layers; when it throws, frees every variable that was made meanwhile.
 *
 * tfjs builds a layer when it is called, so a model that fails half-way has weights but no owner.
 */
export function leavingNothing<T>(make: () => T): T {
  const variables = tf.engine().registeredVariables;
  const before = new Set(Object.keys(variables));
  try {
    return make();
  } catch (error) {
    for (const [name, variable] of Object.entries(variables)) {
      if (!before.has(name)) variable.dispose();
    }
    throw error;
  }
}

/** Describes an initializer, regularizer or constraint as tfjs itself does. */
export function serialized(object: serialization.Serializable | null | undefined) {
  return object == null
    ? null
    : { className: object.getClassName(), config: object.getConfig() as Config };
}
