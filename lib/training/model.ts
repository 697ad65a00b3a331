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

/** A loss or metric of tfjs: per-sample values, or a scalar. */
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

/** The model's layers, those of nested models included, each once, with whether anything froze it. */
export function leafLayers(model: LayersModel): { layer: InternalLayer; frozen: boolean }[] {
  const found = new Map<InternalLayer, boolean>();
  const visit = (layer: InternalLayer, frozenAbove: boolean) => {
    const frozen = frozenAbove || !layer.trainable;
    if (layer.layers) for (const inner of layer.layers) visit(inner, frozen);
    else found.set(layer, (found.get(layer) ?? false) || frozen);
  };
  visit(model as unknown as InternalLayer, false);
  return [...found].map(([layer, frozen]) => ({ layer, frozen }));
}

/**
 * All weights of a model, each once.
 *
 * tfjs' own `getWeights` and `setWeights` of a Sequential disagree on the order when a part is frozen.
 */
export function allWeights(model: LayersModel): LayerWeight[] {
  return [...new Set(leafLayers(model).flatMap(({ layer }) => layer.weights))];
}

/** The weights that a compiled model trains, by the array that each `compile` makes anew. */
const collected = new WeakMap<LossOrMetric[], LayerWeight[]>();

/**
 * The weights that training changes: those that were trainable at the first `fit` after `compile`. As in
 * Keras, freezing and unfreezing takes effect with the next `compile`.
 *
 * tfjs' own list forgets that a model was frozen which is the first layer of a Sequential; it is corrected.
 */
export function trainedWeights(model: LayersModel): LayerWeight[] {
  const inner = internals(model);
  let weights = collected.get(inner.lossFunctions!);
  if (weights === undefined) {
    weights = leafLayers(model).flatMap(({ layer, frozen }) =>
      frozen ? [] : layer.trainableWeights,
    );
    collected.set(inner.lossFunctions!, weights);
  }
  inner.collectedTrainableWeights = weights;
  return weights;
}
