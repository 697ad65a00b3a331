/** One training step on tfjs' own ops: always there, and what the compiled step is made from. */
import type { LayersModel, Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import { joiningMoves } from "../layers";
import type { Objective } from "../objectives";
import {
  callWithMasks,
  endLogits,
  functionalOf,
  isLoop,
  type Layer,
  leafLayers,
  replaceCall,
  tf,
  trainedParts,
  useNativeKernels,
  type Weight,
  withActivityLosses,
} from "../tfjs";
import {
  type Counting,
  computing,
  type Forward,
  type Measured,
  regularizersOf,
  sharesOf,
  trainable,
  useMovingStatistics,
} from "./forward";
import { nativeCall, nativeRecurrentCall } from "./nativeRandom";
import { outputLoss } from "./outputLoss";
import type { RunnerOptions } from "./step";

/** A batch as tensors. */
export interface TensorBatch {
  xs: Tensor[];
  ys: Tensor[];
  /** One for each output, or undefined for weight 1. */
  sampleWeights?: (Tensor | undefined)[];
  /** Of several workers, which samples of this one's part count, float32 [batch]. */
  counted?: Tensor;
}

/** A step as a plain synchronous function of tensors. */
export class EagerStep {
  protected readonly model: LayersModel;
  protected readonly trained: Weight[];
  private readonly frozenNorms: Layer[];
  /** Layers whose calls draw random numbers, and the calls that draw them in TensorFlow. */
  private readonly randomCalls: [Layer, Layer["call"]][];
  /** The same of recurrent layers, at inference too. */
  private readonly recurrentCalls: [Layer, Layer["call"]][];
  private readonly loops: Layer[];
  private readonly regularizers: (() => Scalar)[];
  private readonly objective: Objective | undefined;

  constructor(model: LayersModel, { objective, mode }: Pick<RunnerOptions, "objective" | "mode">) {
    useNativeKernels();
    this.model = functionalOf(model);
    this.objective = objective;
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
  protected constrain(): void {
    for (const weight of this.trained) {
      const variable = weight.read();
      if (weight.constraint) variable.assign(weight.constraint.apply(variable));
    }
  }

  /** @param count Says what each output's loss counts, where the batch is a part of another. All of it by default. */
  protected forward(batch: TensorBatch, training: boolean, count?: Counting): Forward {
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
    const losses = this.objective!.outputs.map((output, i) =>
      outputLoss(output, {
        yTrue: batch.ys[i]!,
        yPred: yPreds[i]!,
        weights: batch.sampleWeights?.[i],
        mask: masks[i],
      }),
    );
    const counts = count?.(losses.map(({ normalizer }) => normalizer()));
    const share = (value: Scalar, part: Tensor | undefined): Scalar =>
      part === undefined ? value : tf.mul(value, part);
    const outputLosses = losses.map(({ loss }, i) => share(loss, counts?.outputs[i]));
    const weighted = this.objective!.outputs.map(({ weight }, i) =>
      weight === 1 ? outputLosses[i]! : tf.mul<Scalar>(outputLosses[i]!, weight),
    );
    let loss = weighted[0]!;
    for (const other of weighted.slice(1)) loss = tf.add(loss, other);
    for (const regularizer of this.regularizers) {
      loss = tf.add(loss, share(regularizer(), counts?.examples));
    }
    for (const activityLoss of computed.losses) {
      loss = tf.add(loss, share(activityLoss, counts?.examples));
    }
    tf.dispose(computed.losses);
    return { loss, outputLosses, yPreds, masks, counts };
  }

  /** Loss, each output's loss when there are several, each output's metrics, then those by sample weights. */
  private values(batch: TensorBatch, forward: Forward): Tensor[] {
    const measured = this.measured(batch, forward).map(({ value }) => value);
    return [forward.loss, ...sharesOf(forward), ...measured];
  }

  /** Each output's metrics, then those by sample weights. */
  protected measured(batch: TensorBatch, { yPreds, masks }: Forward): Measured[] {
    return [false, true].flatMap((weighted) =>
      this.objective!.outputs.flatMap(({ metrics }, i) =>
        metrics
          .filter((metric) => metric.weighted === weighted)
          .flatMap((metric) => {
            const weights = weighted ? batch.sampleWeights?.[i] : undefined;
            const counted = { mask: masks[i], weights };
            const values = metric.measure(batch.ys[i]!, yPreds[i]!, counted);
            return values.map((value) => ({ value, combine: metric.combine }));
          }),
      ),
    );
  }
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
