/**
 * What this room uses of a tfjs model beyond its public types.
 *
 * tfjs keeps most of what training needs in fields that its declarations hide; they are named here, once.
 */
import type {
  LayersModel,
  Scalar,
  SymbolicTensor,
  Tensor,
  Variable,
} from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError } from "../errors";
import { leavesOf } from "./layerTree";

/** A loss or metric of tfjs: per-sample values, or a scalar. @inline */
export type LossOrMetric = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** A weight of a layer. */
export interface LayerWeight {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: string;
  trainable: boolean;
  /** What the weight must fulfil after each update. */
  readonly constraint?: { apply(weight: Tensor): Tensor } | null;
  read(): Variable;
  write(value: Tensor): unknown;
}

/** One call of a layer in the model's graph. */
export interface GraphNode {
  outboundLayer: InternalLayer;
  inboundLayers: InternalLayer[];
  nodeIndices: number[];
  tensorIndices: number[];
  inputTensors: SymbolicTensor[];
  outputTensors: SymbolicTensor[];
  outputShapes: (number | null)[][];
}

/** A layer with what tfjs hides. */
export interface InternalLayer {
  name: string;
  built: boolean;
  trainable: boolean;
  weights: LayerWeight[];
  trainableWeights: LayerWeight[];
  nonTrainableWeights: LayerWeight[];
  inboundNodes: GraphNode[];
  outboundNodes: GraphNode[];
  /** Nested layers of a model used as a layer. */
  layers?: InternalLayer[];
  /** Regularisation terms. */
  losses: (() => Scalar)[];
  /** Fused activation of Dense, convolutions and Activation. */
  activation?: object;
  getClassName(): string;
  getConfig(): Record<string, unknown>;
  countParams(): number;
  call(inputs: Tensor | Tensor[], kwargs: Record<string, unknown>): Tensor | Tensor[];
}

/** An optimizer of tfjs. */
export interface InternalOptimizer {
  readonly iterations: number;
  minimize(f: () => Scalar, returnCost: boolean, variables: Variable[]): Scalar | null;
  getClassName(): string;
  getConfig(): Record<string, unknown>;
}

/** A model with what tfjs hides; the one inside a Sequential, which is where tfjs compiles. */
export interface InternalModel extends InternalLayer {
  inputs: SymbolicTensor[];
  outputs: SymbolicTensor[];
  layers: InternalLayer[];
  inputNames: string[];
  outputNames: string[];
  nodesByDepth: Record<string, GraphNode[]>;
  optimizer_?: InternalOptimizer;
  /** As given to `compile`. */
  loss?: unknown;
  /** As given to `compile`. */
  metrics?: unknown;
  /** One for each output, resolved by `compile`. */
  lossFunctions?: LossOrMetric[];
  /** The weights that were trainable when the model was compiled. */
  collectedTrainableWeights?: LayerWeight[];
}

/**
 * The functional model that does the work: a Sequential wraps one, built when it is first needed.
 *
 * @throws ConvnetsError when a Sequential has no layers.
 */
export function internals(model: LayersModel): InternalModel {
  const outer = model as unknown as InternalModel & { model?: InternalModel | null };
  if (outer.getClassName() !== "Sequential") return outer;
  if (outer.layers.length === 0)
    throw new ConvnetsError(`The model "${model.name}" has no layers.`);
  if (!outer.built || !outer.model) (outer as unknown as { build(): void }).build();
  return outer.model!;
}

/** A layer that is no model, and whether training leaves it as it is. */
export interface Leaf {
  layer: InternalLayer;
  frozen: boolean;
}

/**
 * The model's layers, those of nested models included, each once. As in Keras each has a flag of its own, which
 * freezing a nested model sets; only the outermost model's counts besides.
 */
export function leafLayers(model: LayersModel): Leaf[] {
  const found = new Set(leavesOf(model as unknown as InternalLayer));
  return [...found].map((layer) => ({ layer, frozen: !(model.trainable && layer.trainable) }));
}

/**
 * All weights of a model, each once.
 *
 * tfjs' own `getWeights` and `setWeights` of a Sequential disagree on the order when a part is frozen.
 */
export function allWeights(model: LayersModel): LayerWeight[] {
  return [...new Set(leafLayers(model).flatMap(({ layer }) => layer.weights))];
}

/** What training changes and leaves as it is. */
export interface TrainedParts {
  leaves: Leaf[];
  weights: LayerWeight[];
}

/** The parts of a compiled model, by the array that each `compile` makes anew. */
const collected = new WeakMap<LossOrMetric[], TrainedParts>();

/**
 * What was frozen and what was trainable at the first `fit` after `compile`. As in Keras, freezing and unfreezing
 * takes effect with the next `compile`.
 */
export function trainedParts(model: LayersModel): TrainedParts {
  const inner = internals(model);
  let parts = collected.get(inner.lossFunctions!);
  if (parts === undefined) {
    const leaves = leafLayers(model);
    parts = {
      leaves,
      weights: leaves.flatMap(({ layer, frozen }) => (frozen ? [] : layer.trainableWeights)),
    };
    collected.set(inner.lossFunctions!, parts);
  }
  inner.collectedTrainableWeights = parts.weights;
  return parts;
}
