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
  read(): Variable;
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
  countParams(): number;
  call(inputs: Tensor | Tensor[], kwargs: Record<string, unknown>): Tensor | Tensor[];
}

/** An optimizer of tfjs. */
export interface InternalOptimizer {
  readonly iterations: number;
  minimize(f: () => Scalar, returnCost: boolean, variables: Variable[]): Scalar | null;
  getClassName(): string;
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
 * The functional model that does the work: a Sequential wraps one.
 *
 * @throws ConvnetsError when a Sequential has no layers or no input shape yet.
 */
export function internals(model: LayersModel): InternalModel {
  const outer = model as unknown as InternalModel & { model?: InternalModel | null };
  if (outer.getClassName() !== "Sequential") return outer;
  if (!outer.built || !outer.model) {
    throw new ConvnetsError(
      `The model "${model.name}" has no weights yet, because its first layer has no \`inputShape\`.`,
      { hint: "Give the first layer an `inputShape`, for example `inputShape: [28, 28, 1]`." },
    );
  }
  return outer.model;
}

/** The model's layers, those of nested models included, each once, with whether anything froze it. */
export function leafLayers(model: InternalModel): { layer: InternalLayer; frozen: boolean }[] {
  const found = new Map<InternalLayer, boolean>();
  const visit = (layer: InternalLayer, frozenAbove: boolean) => {
    const frozen = frozenAbove || !layer.trainable;
    if (layer.layers) for (const inner of layer.layers) visit(inner, frozen);
    else found.set(layer, (found.get(layer) ?? false) || frozen);
  };
  for (const layer of model.layers) visit(layer, !model.trainable);
  return [...found].map(([layer, frozen]) => ({ layer, frozen }));
}
