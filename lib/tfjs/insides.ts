/**
 * Every field that tfjs 4.22 has and its declarations hide, and that the library uses: nothing else names one.
 *
 * `test/tfjs/insides.test.ts` looks for each in the tfjs that is installed. It takes its list from these types, so
 * that a field which isn't looked for doesn't compile.
 */
import type { layers, Scalar, serialization, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import type { NativeBinding, NodeBackend } from "./binding";
import type * as tf from "./tfjs";

type Layer = layers.Layer;
type LayerVariable = Layer["weights"][number];
type Initializer = ReturnType<typeof tf.initializers.zeros>;
type Regularizer = ReturnType<typeof tf.regularizers.l2>;
type Constraint = ReturnType<typeof tf.constraints.nonNeg>;

/** What an optimizer keeps for each weight, in the order of the weights. */
export type SlotList = { originalName: string; variable: Variable }[];

/** A value that is read as a weight is. */
export interface Readable {
  read(): Tensor;
}

/** The fields by the class, or kind of classes, that has them. */
export interface Insides {
  Layer: {
    /** All of the layer's own weights, where the public lists go by what is frozen. */
    _trainableWeights: LayerVariable[];
    _nonTrainableWeights: LayerVariable[];
    /** How many models and calls use the layer, null before the first; `dispose` counts it down. */
    _refCount: number | null;
    /** Makes a weight while the layer is built. */
    addWeight: (name: string, shape: number[], ...rest: unknown[]) => unknown;
  };
  Model: {
    /** The model's own flag; the public one says the layers', too (see freezing.ts). */
    trainable_: boolean;
    /** Whether the model disposes its optimizer. */
    isOptimizerOwned: boolean;
    /** The weights that `compile` found trainable; tfjs' `summary` and `fit` compare with them. */
    collectedTrainableWeights: LayerVariable[];
  };
  Sequential: {
    /** The functional model that does the work; there once it is built. */
    model?: InstanceType<typeof tf.LayersModel> | null;
  };
  /** Layers that take the option `activation`. */
  Activated: { activation?: { getClassName(): string } };
  Dense: {
    kernelInitializer: Initializer;
    biasInitializer: Initializer;
    kernelRegularizer: Regularizer;
    biasRegularizer: Regularizer;
    kernelConstraint: Constraint;
    biasConstraint: Constraint;
    useBias: boolean;
    activation: { getClassName(): string; apply(x: Tensor): Tensor };
  };
  RNN: {
    cell?: Layer;
    unroll?: boolean;
    returnSequences?: boolean;
  };
  StackedRNNCells: { cells?: readonly Layer[] };
  Embedding: {
    maskZero: boolean | undefined;
    inputDim: number;
    outputDim: number;
    embeddings: Readable;
    embeddingsInitializer: Initializer;
  };
  Masking: { maskValue: number };
  Bidirectional: { forwardLayer?: Layer; backwardLayer?: Layer };
  Wrapper: { layer?: Layer };
  SeparableConv2D: {
    depthMultiplier: number;
    depthwiseKernel: Readable;
    pointwiseKernel: Readable;
    pointwiseInitializer: Initializer;
    bias: Readable | null;
    activation: { apply(x: Tensor): Tensor };
    dataFormat: string;
  };
  DepthwiseConv2D: {
    depthwiseConstraint: serialization.Serializable | null;
    depthwiseKernel: Readable;
    bias: Readable | null;
    activation: { apply(x: Tensor): Tensor };
    kernelSize: number[];
    strides: [number, number];
    padding: "valid" | "same";
    dataFormat: string;
    dilationRate: [number, number];
  };
  Normalization: {
    axis: number | number[];
    center: boolean;
    scale: boolean;
    /** Weights; none without `center` and `scale`. */
    beta: Readable | null;
    gamma: Readable | null;
  };
  LayerNormalization: {
    betaInitializer: Initializer;
    gammaInitializer: Initializer;
    betaRegularizer: Regularizer;
    gammaRegularizer: Regularizer;
  };
  BatchNormalization: {
    axis: number;
    center: boolean;
    scale: boolean;
    momentum: number;
    epsilon: number;
    /** Weights; without `center` and `scale` what stands in their place. */
    beta: Readable;
    gamma: Readable;
    movingMean: LayerVariable;
    movingVariance: LayerVariable;
    movingMeanInitializer: Initializer;
    movingVarianceInitializer: Initializer;
  };
  Softmax: { axis: number | number[] };
  Concatenate: { axis: number };
  Conv: {
    kernelInitializer: Initializer;
    rank: number;
    filters: number;
    kernelSize: number[];
    strides: number[];
    padding: "valid" | "same" | "causal";
    dataFormat: string;
    dilationRate: number | number[];
    kernel: Readable;
    bias: Readable | null;
    activation: { apply(x: Tensor): Tensor };
  };
  UpSampling2D: { size: [number, number]; dataFormat: string; interpolation: string };
  ReLU: { maxValue: number | undefined };
  GRUCell: {
    units: number;
    useBias: boolean;
    kernel: Readable;
    recurrentKernel: Readable;
    bias: Readable | null;
    activation: { apply(x: Tensor): Tensor };
    recurrentActivation: { apply(x: Tensor): Tensor };
    dropout: number;
    recurrentDropout: number;
    kernelInitializer: Initializer;
    recurrentInitializer: Initializer;
    biasInitializer: Initializer;
    kernelRegularizer: Regularizer;
    recurrentRegularizer: Regularizer;
    biasRegularizer: Regularizer;
    kernelConstraint: Constraint;
    recurrentConstraint: Constraint;
    biasConstraint: Constraint;
  };
  Optimizer: {
    /** The count behind the public `iterations`, which can't be set; undefined before the first step. */
    iterations_: number | undefined;
    /** Plain in all but SGD and Momentum, which keep a tensor of it as well. */
    learningRate: number;
  };
  SGD: { setLearningRate?(value: number): void };
  /** The momentum that steps take; the number beside it only tells. */
  SteadyMomentum: { m: Scalar };
  /** Where an optimizer keeps its slots: nothing before the first step. */
  Momentum: { accumulations: SlotList };
  RMSProp: {
    accumulatedMeanSquares: SlotList;
    accumulatedMoments: SlotList;
    accumulatedMeanGrads: SlotList;
  };
  Adam: { accumulatedFirstMoment: SlotList; accumulatedSecondMoment: SlotList };
  Adamax: { accumulatedFirstMoment: SlotList; accumulatedWeightedInfNorm: SlotList };
  Adagrad: { accumulatedGrads: SlotList };
  Adadelta: { accumulatedGrads: SlotList; accumulatedUpdates: SlotList };
  /** The betas, and the betas to the power of the next step's number. */
  AdamPowers: { beta1: number; beta2: number; accBeta1: Variable; accBeta2: Variable };
  /** `iteration` is the number of steps. */
  AdamaxPowers: { beta1: number; accBeta1: Variable; iteration: Variable };
  /** What notes ops for gradients. */
  Engine: {
    isTapeOn(): boolean;
    addTapeNode(
      name: string,
      inputs: Record<string, Tensor>,
      outputs: Tensor[],
      gradient: ((dy: Tensor, saved: Tensor[]) => Record<string, () => Tensor>) | null,
      saved: Tensor[],
      attrs: object,
    ): void;
  };
  Backend: NodeBackend;
  Binding: NativeBinding;
  /** How tfjs-node passes an int64 attribute among an op's tensors. */
  Int64Scalar: { valueArray: Int32Array };
}

/** The lists of slots that an optimizer may have. */
export type SlotLists = Partial<
  Insides["Momentum"] &
    Insides["RMSProp"] &
    Insides["Adam"] &
    Insides["Adamax"] &
    Insides["Adagrad"] &
    Insides["Adadelta"]
>;

/**
 * An object of tfjs seen with the fields that are hidden.
 *
 * @param kind Which fields; the object must be of that kind.
 */
export function insides<Kind extends keyof Insides>(_kind: Kind, object: object): Insides[Kind] {
  return object as Insides[Kind];
}
