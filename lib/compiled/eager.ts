/** One training step on tfjs' own ops: always there, and what the compiled step is made from. */
import type { LayersModel, Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { joiningMoves } from "../layers";
import type { Objective } from "../objectives";
import {
  callWithMasks,
  endLogits,
  functionalOf,
  innerLayersOf,
  isLoop,
  keepingLogits,
  type Layer,
  leafLayers,
  type Masks,
  replaceCall,
  tf,
  trainedParts,
  useNativeKernels,
  type Weight,
  withActivityLosses,
} from "../tfjs";
import { nativeCall, nativeRecurrentCall } from "./nativeRandom";
import { outputLoss } from "./outputLoss";
import type { RunnerOptions } from "./step";

/** A batch as tensors. */
export interface TensorBatch {
  xs: Tensor[];
  ys: Tensor[];
  /** One for each output, or undefined for weight 1. */
  sampleWeights?: (Tensor | undefined)[];
}

/** A step as a plain synchronous function of tensors. */
export class EagerStep {
  private readonly model: LayersModel;
  private readonly trained: Weight[];
  private readonly frozenNorms: Layer[];
  /** Layers whose calls draw random numbers, and the calls that draw them in TensorFlow. */
  private readonly randomCalls: [Layer, Layer["call"]][];
  /** The same of recurrent layers, at inference too. */
  private readonly recurrentCalls: [Layer, Layer["call"]][];
  private readonly loops: Layer[];
  private readonly regularizers: (() => Scalar)[];

  constructor(
    model: LayersModel,
    private readonly objective: Objective | undefined,
    mode: RunnerOptions["mode"],
  ) {
    useNativeKernels();
    this.model = functionalOf(model);
    const isTrained = mode === "train";
    const { leaves, weights } = isTrained
      ? trainedParts(model)
      : { leaves: leafLayers(model), weights: [] };
    this.frozenNorms = leaves
      .filter(({ layer, frozen }) => frozen && layer.getClassName() === "BatchNormalization")
      .map(({ layer }) => layer);
    this.randomCalls = callsOf(leaves, nativeCall);
    this.recurrentCalls = callsOf(leaves, nativeRecurrentCall);
    this.loops = leaves.map(({ layer }) => layer).filter(isLoop);
    // As in Keras, a frozen layer's weights are not regularised.
    this.regularizers = leaves.flatMap(({ layer, frozen }) =>
      frozen ? [] : regularizersOf(layer),
    );
    this.trained = weights;
  }

  /**
   * Updates the weights.
   *
   * @returns The numbers of the objective's values, measured before the update; the caller disposes them.
   */
  train(batch: TensorBatch): Tensor[] {
    return computing(() => {
      let forward: Forward | undefined;
      let loss: Scalar | undefined;
      const totalLoss = (): Scalar => {
        forward = this.forward(batch, true);
        const { outputLosses, yPreds, masks } = forward;
        for (const tensor of [...outputLosses, ...yPreds, ...masks]) if (tensor) tf.keep(tensor);
        return forward.loss;
      };
      const variables = this.trained.map((weight) => weight.read());
      try {
        loss =
          variables.length > 0
            ? trainable(variables, () => this.model.optimizer.minimize(totalLoss, true, variables)!)
            : totalLoss();
        this.constrain();
        const values = this.values(batch, { ...forward!, loss });
        tf.dispose([
          forward!.yPreds,
          forward!.masks as Tensor[],
          forward!.outputLosses.filter((value) => !values.includes(value)),
        ]);
        return values;
      } catch (error) {
        const { yPreds = [], masks = [], outputLosses = [] } = forward ?? {};
        tf.dispose([loss, yPreds, masks, outputLosses] as Tensor[]);
        throw error;
      }
    });
  }

  /** The same values without an update; the caller disposes them. */
  evaluate(batch: TensorBatch): Tensor[] {
    return computing(() => this.values(batch, this.forward(batch, false)));
  }

  /** The model's outputs; the caller disposes them. */
  predict(xs: Tensor[]): Tensor[] {
    const restore = this.recurrentCalls.map(([layer, call]) => replaceCall(layer, call));
    try {
      return tf.tidy(() => asList(this.model.call(xs, { training: false })));
    } finally {
      for (const undo of restore) undo();
    }
  }

  /** As in Keras, and other than in tfjs, constraints hold after each update. */
  private constrain(): void {
    for (const weight of this.trained) {
      const variable = weight.read();
      if (weight.constraint) variable.assign(weight.constraint.apply(variable));
    }
  }

  private forward(batch: TensorBatch, training: boolean): Forward {
    const restore = [
      ...(training ? this.frozenNorms.map(useMovingStatistics) : []),
      ...(training ? this.randomCalls.map(([layer, call]) => replaceCall(layer, call)) : []),
      ...this.recurrentCalls.map(([layer, call]) => replaceCall(layer, call)),
      ...this.loops.map(endLogits),
    ];
    const call = () => callWithMasks(this.model, batch.xs, { training });
    let computed: ReturnType<typeof withActivityLosses<ReturnType<typeof call>>>;
    try {
      computed = withActivityLosses(() => joiningMoves(call));
    } finally {
      for (const undo of restore.reverse()) undo(); // one may lie upon another
    }
    const { outputs: yPreds, masks } = computed.result;
    const outputLosses = this.objective!.outputs.map((output, i) =>
      outputLoss(output, {
        yTrue: batch.ys[i]!,
        yPred: yPreds[i]!,
        weights: batch.sampleWeights?.[i],
        mask: masks[i],
      }),
    );
    const weighted = this.objective!.outputs.map(({ weight }, i) =>
      weight === 1 ? outputLosses[i]! : tf.mul<Scalar>(outputLosses[i]!, weight),
    );
    let loss = weighted[0]!;
    for (const other of weighted.slice(1)) loss = tf.add(loss, other);
    for (const regularizer of this.regularizers) loss = tf.add(loss, regularizer());
    for (const activityLoss of computed.losses) loss = tf.add(loss, activityLoss);
    tf.dispose(computed.losses);
    return { loss, outputLosses, yPreds, masks };
  }

  /** Loss, each output's loss when there are several, each output's metrics, then those by sample weights. */
  private values(batch: TensorBatch, forward: Forward): Tensor[] {
    const { outputs } = this.objective!;
    const measured = (weighted: boolean) =>
      outputs.flatMap(({ metrics }, i) =>
        metrics
          .filter((metric) => metric.weighted === weighted)
          .flatMap((metric) => {
            const weights = weighted ? batch.sampleWeights?.[i] : undefined;
            const mask = forward.masks[i];
            return metric.measure(batch.ys[i]!, forward.yPreds[i]!, { mask, weights });
          }),
      );
    return [
      forward.loss,
      ...(outputs.length > 1 ? forward.outputLosses : []),
      ...measured(false),
      ...measured(true),
    ];
  }
}

interface Forward {
  loss: Scalar;
  outputLosses: Scalar[];
  yPreds: Tensor[];
  /** For each output which time steps count. */
  masks: Masks;
}

/** tfjs has no gradient of what was frozen since, which is trained until the next `compile`. */
function trainable<T>(variables: Variable[], step: () => T): T {
  const frozen = variables.filter((variable) => !variable.trainable);
  for (const variable of frozen) variable.trainable = true;
  try {
    return step();
  } finally {
    for (const variable of frozen) variable.trainable = false;
  }
}

/** Losses and metrics may ask for logits. */
function computing(step: () => Tensor[]): Tensor[] {
  return tf.tidy(() => keepingLogits(step));
}

/** The calls that stand in for those of some layers. */
function callsOf(
  leaves: readonly { layer: Layer }[],
  standIn: (layer: Layer) => Layer["call"] | undefined,
): [Layer, Layer["call"]][] {
  return leaves.flatMap(({ layer }): [Layer, Layer["call"]][] => {
    const call = standIn(layer);
    return call === undefined ? [] : [[layer, call]];
  });
}

function asList(tensors: Tensor | Tensor[]): Tensor[] {
  return Array.isArray(tensors) ? tensors : [tensors];
}

/** The regularizers of a layer and of the layers within it: tfjs' recurrent layers don't pass on their cells'. */
function regularizersOf(layer: Layer): (() => Scalar)[] {
  return [...new Set([...layer.losses, ...innerLayersOf(layer).flatMap(regularizersOf)])];
}

/** A frozen BatchNormalization normalises by its moving statistics and leaves them alone, as in Keras. */
function useMovingStatistics(layer: Layer): () => void {
  const { call } = layer;
  return replaceCall(layer, (inputs, kwargs) =>
    call.call(layer, inputs, { ...kwargs, training: false }),
  );
}
