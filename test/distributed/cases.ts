/** What is trained, by several workers or devices and by one process or device alone: to the same numbers. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  evaluate,
  type FitOptions,
  fit,
  fromTensorSlices,
  losses,
  type Mirrored,
  type MultiWorkerMirrored,
  metrics,
  optimizers,
  predict,
  setSeed,
  tf,
} from "../../lib/index";

/** What came of a case: numbers of epochs by name, and all weights. */
export interface Outcome {
  history: Record<string, number[]>;
  weights: number[];
}

/** A case: what one process does, or each worker with its strategy. */
export type Case = (
  strategy: Mirrored | MultiWorkerMirrored | undefined,
  rank: number,
) => Promise<Outcome>;

const SAMPLES = 33;

function images(samples = SAMPLES): [Tensor, Tensor] {
  const x = tf.randomUniform([samples, 6, 6, 2], 0, 1, "float32", 5);
  return [x, tf.tensor1d(Array.from({ length: samples }, (_, i) => (i * 7) % 5))];
}

/** Workers begin with weights of their own, which the chief's replace. */
function convnet(rank: number, inside: tf.layers.Layer[] = []): LayersModel {
  setSeed(7 + rank);
  const { conv2d, flatten, dense } = tf.layers;
  return tf.sequential({
    layers: [
      conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, activation: "relu" }),
      ...inside,
      flatten(),
      dense({ units: 5, activation: "softmax" }),
    ],
  });
}

async function outcome(
  model: LayersModel,
  data: Parameters<typeof fit>[1],
  options: FitOptions,
): Promise<Outcome> {
  const { history } = await fit(model, data, { verbose: 0, engine: "graph", ...options });
  return { history, weights: weightsOf(model) };
}

function weightsOf(model: LayersModel): number[] {
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}

const sparse = "sparseCategoricalCrossentropy";

const classifier =
  (optimizer: () => tf.Optimizer, options: FitOptions = {}): Case =>
  async (strategy, rank) => {
    const model = convnet(rank);
    model.compile({ optimizer: optimizer(), loss: sparse, metrics: ["accuracy"] });
    return outcome(model, images(), { epochs: 2, batchSize: 8, strategy, ...options });
  };

/** By name. */
export const cases: Record<string, Case> = {
  "Adam, its gradients clipped by their norm": classifier(() =>
    optimizers.adam({ learningRate: 0.01, globalClipNorm: 0.5 }),
  ),
  "SGD with momentum": classifier(() => optimizers.sgd({ learningRate: 0.05, momentum: 0.9 })),
  RMSprop: classifier(() => optimizers.rmsprop({ learningRate: 0.003 })),
  "Nadam, whose formulas are traced": classifier(() => optimizers.nadam({ learningRate: 0.003 })),
  "tfjs' own Adam": classifier(() => tf.train.adam(0.01)),
  "AdamW with a schedule": classifier(() => {
    const learningRate = optimizers.schedules.exponentialDecay({
      initialLearningRate: 0.01,
      decaySteps: 3,
      decayRate: 0.5,
    });
    return optimizers.adamW({ learningRate });
  }),
  "batches smaller than the workers are many": classifier(() => optimizers.adam(), {
    batchSize: 3,
    epochs: 1,
  }),
  "class weights and a validation": classifier(() => optimizers.adam({ learningRate: 0.01 }), {
    classWeight: { 0: 3, 1: 0.5, 4: 2 },
    validationSplit: 0.25,
  }),
  "steps in one call": async (strategy, rank) => {
    const model = convnet(rank);
    model.compile({ optimizer: "adam", loss: sparse, stepsPerExecution: 3 });
    return outcome(model, images(), { epochs: 2, batchSize: 4, strategy });
  },
  "sample weights, and losses divided by their sum": async (strategy, rank) => {
    const model = convnet(rank);
    const loss = losses.sparseCategoricalCrossentropy({ reduction: "meanWithSampleWeight" });
    model.compile({ optimizer: "adam", loss, weightedMetrics: ["accuracy"] });
    const sampleWeight = tf.tensor1d(Array.from({ length: SAMPLES }, (_, i) => i % 4));
    return outcome(model, images(), { epochs: 2, batchSize: 8, sampleWeight, strategy });
  },
  "a loss that is a sum, a regularizer, ratios and counts": async (strategy, rank) => {
    setSeed(3 + rank);
    const x = tf.randomNormal([SAMPLES, 4], 0, 1, "float32", 4);
    const y = tf.tensor2d(Array.from({ length: SAMPLES }, (_, i) => [i % 3 === 0 ? 1 : 0]));
    const kernelRegularizer = tf.regularizers.l2({ l2: 0.01 });
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [4], units: 6, activation: "tanh", kernelRegularizer }),
        tf.layers.dense({ units: 1, activation: "sigmoid" }),
      ],
    });
    model.compile({
      optimizer: optimizers.sgd({ learningRate: 0.01 }),
      loss: losses.binaryCrossentropy({ reduction: "sum" }),
      metrics: ["precision", "recall", metrics.auc(), "meanAbsoluteError"],
    });
    return outcome(model, [x, y], { epochs: 2, batchSize: 8, strategy });
  },
  "masked sequences": async (strategy, rank) => {
    setSeed(2 + rank);
    const [length, rows] = [6, 17];
    const words = Array.from({ length: rows }, (_, i) =>
      Array.from({ length }, (_, j) => (j < 1 + (i % length) ? 1 + ((i + j) % 4) : 0)),
    );
    const x = tf.tensor2d(words, [rows, length], "int32");
    const y = tf.tensor2d(words.map((row) => row.map((word) => (word + 1) % 3)));
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 5, outputDim: 4, maskZero: true, inputLength: length }),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3, activation: "softmax" }) }),
      ],
    });
    model.compile({ optimizer: "adam", loss: sparse, metrics: ["accuracy"] });
    return outcome(model, [x, y], { epochs: 2, batchSize: 5, strategy });
  },
  "two outputs with losses of their own": async (strategy, rank) => {
    setSeed(4 + rank);
    const input = tf.input({ shape: [5] });
    const hidden = tf.layers.dense({ units: 6, activation: "relu" }).apply(input);
    const one = tf.layers.dense({ units: 1, name: "one" }).apply(hidden);
    const two = tf.layers.dense({ units: 3, activation: "softmax", name: "two" }).apply(hidden);
    const model = tf.model({ inputs: input, outputs: [one, two] as tf.SymbolicTensor[] });
    model.compile({
      optimizer: "adam",
      loss: { one: "meanSquaredError", two: sparse },
      lossWeights: { one: 0.5, two: 2 },
      metrics: { two: "accuracy" },
    });
    const x = tf.randomNormal([SAMPLES, 5], 0, 1, "float32", 6);
    const labels = tf.tensor1d(Array.from({ length: SAMPLES }, (_, i) => i % 3));
    const ys = { one: tf.randomNormal([SAMPLES, 1], 0, 1, "float32", 8), two: labels };
    return outcome(model, [x, ys], { epochs: 2, batchSize: 8, strategy });
  },
  "BatchNormalization over whole batches": async (strategy, rank) => {
    const model = convnet(rank, [
      tf.layers.batchNormalization({ synchronized: true, momentum: 0.8 }),
    ]);
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0.05 }), loss: sparse });
    return outcome(model, images(), { epochs: 2, batchSize: 8, strategy });
  },
  "a dataset of batches whose number nobody knows": async (strategy, rank) => {
    const model = convnet(rank);
    model.compile({ optimizer: "adam", loss: sparse });
    const [xs, ys] = images();
    const data = fromTensorSlices({ xs, ys }).filter(() => true);
    return outcome(model, data.batch(7), { epochs: 2, strategy });
  },
  bfloat16: async (strategy, rank) => {
    const model = convnet(rank);
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0.05 }), loss: sparse });
    return outcome(model, images(32), { epochs: 1, precision: "bfloat16", strategy });
  },
  "evaluate and predict": async (strategy, rank) => {
    const model = convnet(rank);
    model.compile({ optimizer: "adam", loss: sparse, metrics: ["accuracy"] });
    const [x, y] = images();
    const options = { batchSize: 8, verbose: 0, strategy } as const;
    const { loss, accuracy } = await evaluate(model, [x, y], options);
    const outputs = await predict(model, x, options);
    const predicted = [...outputs.dataSync()];
    return { history: { loss: [loss!], accuracy: [accuracy!] }, weights: predicted };
  },
};
