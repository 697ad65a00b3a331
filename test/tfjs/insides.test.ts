/** What the library knows of tfjs beyond its declarations, looked for in the tfjs that is installed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Int64Scalar } from "@tensorflow/tfjs-node-gpu/dist/int64_tensors";
import { tf } from "../../lib/tfjs";
import type { Insides } from "../../lib/tfjs/insides";

const kinds = {
  number: (value: unknown) => typeof value === "number",
  boolean: (value: unknown) => typeof value === "boolean",
  string: (value: unknown) => typeof value === "string",
  function: (value: unknown) => typeof value === "function",
  numbers: (value: unknown) => Array.isArray(value) && value.every(Number.isInteger),
  Int32Array: (value: unknown) => value instanceof Int32Array,
  "list of weights": (value: unknown) => Array.isArray(value) && value.every(isWeight),
  "list of slots": (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every(isSlot),
  scalar: (value: unknown) => value instanceof tf.Tensor && value.rank === 0,
  variable: (value: unknown) => value instanceof tf.Variable,
  weight: isWeight,
  layer: (value: unknown) => value instanceof tf.layers.Layer,
  "list of layers": (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every(kinds.layer),
  model: (value: unknown) => value instanceof tf.LayersModel,
  activation: (value: unknown) => isSerializable(value) && has(value, "apply"),
  initializer: (value: unknown) => isSerializable(value) && has(value, "apply"),
  regularizer: (value: unknown) => isSerializable(value) && has(value, "apply"),
  constraint: (value: unknown) => isSerializable(value) && has(value, "apply"),
  binding: (value: unknown) => has(value, "executeOp"),
  "map of tensors": (value: unknown) => has(value, "get") && has(value, "has"),
};

type Kind = keyof typeof kinds;

function has(value: unknown, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === "function";
}

function isSerializable(value: unknown): boolean {
  return value instanceof tf.serialization.Serializable;
}

function isWeight(value: unknown): boolean {
  return has(value, "read") && has(value, "write");
}

function isSlot(value: unknown): boolean {
  const { originalName, variable } = value as { originalName?: unknown; variable?: unknown };
  return typeof originalName === "string" && variable instanceof tf.Variable;
}

/** What to look at and what must be there; a field that the library uses and that isn't listed doesn't compile. */
type Expectations = {
  [Name in keyof Insides]: { of: () => object; fields: Record<keyof Insides[Name], Kind> };
};

const image = [8, 8, 3];
const constrained = {
  kernelInitializer: "zeros",
  recurrentInitializer: "zeros",
  biasInitializer: "zeros",
  kernelRegularizer: "l1l2",
  recurrentRegularizer: "l1l2",
  biasRegularizer: "l1l2",
  kernelConstraint: "nonNeg",
  recurrentConstraint: "nonNeg",
  biasConstraint: "nonNeg",
} as const;

const slots = "list of slots";
const expectations: Expectations = {
  Layer: {
    of: () => trainedBy(tf.train.sgd(0.1)).model.layers[1]!,
    fields: {
      _trainableWeights: "list of weights",
      _nonTrainableWeights: "list of weights",
      _refCount: "number",
      addWeight: "function",
    },
  },
  Model: {
    of: () => trainedBy(tf.train.sgd(0.1)).model,
    fields: {
      trainable_: "boolean",
      isOptimizerOwned: "boolean",
      collectedTrainableWeights: "list of weights",
    },
  },
  Sequential: {
    of: () => {
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
      model.build();
      return model;
    },
    fields: { model: "model" },
  },
  Activated: {
    of: () => tf.layers.dense({ units: 1, activation: "relu" }),
    fields: { activation: "activation" },
  },
  Dense: {
    of: () =>
      tf.layers.dense({
        ...{ units: 1, activation: "relu", kernelInitializer: "zeros", biasInitializer: "zeros" },
        ...{ kernelRegularizer: "l1l2", biasRegularizer: "l1l2" },
        ...{ kernelConstraint: "nonNeg", biasConstraint: "nonNeg" },
      }),
    fields: {
      ...{ kernelInitializer: "initializer", biasInitializer: "initializer" },
      ...{ kernelRegularizer: "regularizer", biasRegularizer: "regularizer" },
      ...{ kernelConstraint: "constraint", biasConstraint: "constraint" },
      ...{ useBias: "boolean", activation: "activation" },
    },
  },
  RNN: {
    of: () => tf.layers.gru({ units: 1, unroll: true, returnSequences: true }),
    fields: {
      ...{ cell: "layer", unroll: "boolean" },
      returnSequences: "boolean",
    },
  },
  StackedRNNCells: {
    of: () => tf.layers.stackedRNNCells({ cells: [tf.layers.lstmCell({ units: 1 })] }),
    fields: { cells: "list of layers" },
  },
  Embedding: {
    of: () => built(tf.layers.embedding({ inputDim: 2, outputDim: 1, maskZero: true }), [3]),
    fields: {
      ...{ maskZero: "boolean", inputDim: "number", outputDim: "number" },
      ...{ embeddings: "weight", embeddingsInitializer: "initializer" },
    },
  },
  Masking: { of: () => tf.layers.masking(), fields: { maskValue: "number" } },
  Bidirectional: {
    of: () => tf.layers.bidirectional({ layer: tf.layers.gru({ units: 1 }), mergeMode: "concat" }),
    fields: { forwardLayer: "layer", backwardLayer: "layer" },
  },
  Wrapper: {
    of: () => tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 1 }) }),
    fields: { layer: "layer" },
  },
  SeparableConv2D: {
    of: () => built(tf.layers.separableConv2d({ filters: 1, kernelSize: 3 }), image),
    fields: {
      depthMultiplier: "number",
      depthwiseKernel: "weight",
      pointwiseKernel: "weight",
      pointwiseInitializer: "initializer",
      bias: "weight",
      activation: "activation",
      dataFormat: "string",
    },
  },
  DepthwiseConv2D: {
    of: () =>
      built(tf.layers.depthwiseConv2d({ kernelSize: 3, depthwiseConstraint: "nonNeg" }), image),
    fields: {
      depthwiseConstraint: "constraint",
      depthwiseKernel: "weight",
      bias: "weight",
      activation: "activation",
      kernelSize: "numbers",
      strides: "numbers",
      padding: "string",
      dataFormat: "string",
      dilationRate: "numbers",
    },
  },
  Normalization: {
    of: () => built(tf.layers.batchNormalization(), image),
    fields: {
      axis: "number",
      center: "boolean",
      scale: "boolean",
      beta: "weight",
      gamma: "weight",
    },
  },
  LayerNormalization: {
    of: () => tf.layers.layerNormalization({ betaRegularizer: "l1l2", gammaRegularizer: "l1l2" }),
    fields: {
      ...{ betaInitializer: "initializer", gammaInitializer: "initializer" },
      ...{ betaRegularizer: "regularizer", gammaRegularizer: "regularizer" },
    },
  },
  BatchNormalization: {
    of: () => built(tf.layers.batchNormalization(), image),
    fields: {
      axis: "number",
      center: "boolean",
      scale: "boolean",
      momentum: "number",
      epsilon: "number",
      beta: "weight",
      gamma: "weight",
      movingMean: "weight",
      movingVariance: "weight",
      movingMeanInitializer: "initializer",
      movingVarianceInitializer: "initializer",
    },
  },
  Softmax: { of: () => tf.layers.softmax(), fields: { axis: "number" } },
  Concatenate: { of: () => tf.layers.concatenate(), fields: { axis: "number" } },
  Conv: {
    of: () => built(tf.layers.conv2d({ filters: 1, kernelSize: 3 }), image),
    fields: {
      kernelInitializer: "initializer",
      rank: "number",
      filters: "number",
      kernelSize: "numbers",
      strides: "numbers",
      padding: "string",
      dataFormat: "string",
      dilationRate: "numbers",
      kernel: "weight",
      bias: "weight",
      activation: "activation",
    },
  },
  UpSampling2D: {
    of: () => tf.layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" }),
    fields: { size: "numbers", dataFormat: "string", interpolation: "string" },
  },
  ReLU: { of: () => tf.layers.reLU({ maxValue: 6 }), fields: { maxValue: "number" } },
  GRUCell: {
    of: () => built(tf.layers.gruCell({ units: 1, ...constrained }), [2]),
    fields: {
      units: "number",
      useBias: "boolean",
      kernel: "weight",
      recurrentKernel: "weight",
      bias: "weight",
      activation: "activation",
      recurrentActivation: "activation",
      dropout: "number",
      recurrentDropout: "number",
      kernelInitializer: "initializer",
      recurrentInitializer: "initializer",
      biasInitializer: "initializer",
      kernelRegularizer: "regularizer",
      recurrentRegularizer: "regularizer",
      biasRegularizer: "regularizer",
      kernelConstraint: "constraint",
      recurrentConstraint: "constraint",
      biasConstraint: "constraint",
    },
  },
  Optimizer: {
    of: () => trainedBy(tf.train.adam()).optimizer,
    fields: { iterations_: "number", learningRate: "number" },
  },
  SGD: { of: () => tf.train.sgd(0.1), fields: { setLearningRate: "function" } },
  SteadyMomentum: { of: () => tf.train.momentum(0.1, 0.9), fields: { m: "scalar" } },
  Momentum: {
    of: () => trainedBy(tf.train.momentum(0.1, 0.9)).optimizer,
    fields: { accumulations: slots },
  },
  RMSProp: {
    of: () => trainedBy(tf.train.rmsprop(0.1, 0.9, 0.1, 1e-7, true)).optimizer,
    fields: {
      accumulatedMeanSquares: slots,
      accumulatedMoments: slots,
      accumulatedMeanGrads: slots,
    },
  },
  Adam: {
    of: () => trainedBy(tf.train.adam()).optimizer,
    fields: { accumulatedFirstMoment: slots, accumulatedSecondMoment: slots },
  },
  Adamax: {
    of: () => trainedBy(tf.train.adamax()).optimizer,
    fields: { accumulatedFirstMoment: slots, accumulatedWeightedInfNorm: slots },
  },
  Adagrad: {
    of: () => trainedBy(tf.train.adagrad(0.1)).optimizer,
    fields: { accumulatedGrads: slots },
  },
  Adadelta: {
    of: () => trainedBy(tf.train.adadelta()).optimizer,
    fields: { accumulatedGrads: slots, accumulatedUpdates: slots },
  },
  AdamPowers: {
    of: () => tf.train.adam(),
    fields: { beta1: "number", beta2: "number", accBeta1: "variable", accBeta2: "variable" },
  },
  AdamaxPowers: {
    of: () => tf.train.adamax(),
    fields: { beta1: "number", accBeta1: "variable", iteration: "variable" },
  },
  Engine: { of: () => tf.engine(), fields: { isTapeOn: "function", addTapeNode: "function" } },
  Backend: {
    of: () => tf.backend(),
    fields: {
      binding: "binding",
      isUsingGpuDevice: "boolean",
      tensorMap: "map of tensors",
      readSync: "function",
      disposeData: "function",
      getInputTensorIds: "function",
      executeMultipleOutputs: "function",
      createOutputTensor: "function",
    },
  },
  Binding: {
    of: () => (tf.backend() as unknown as Insides["Backend"]).binding,
    fields: {
      createTensor: "function",
      deleteTensor: "function",
      tensorDataSync: "function",
      executeOp: "function",
      TF_Version: "string",
      TF_ATTR_STRING: "number",
      TF_ATTR_INT: "number",
      TF_ATTR_FLOAT: "number",
      TF_ATTR_BOOL: "number",
      TF_ATTR_TYPE: "number",
      TF_ATTR_SHAPE: "number",
    },
  },
  Int64Scalar: { of: () => new Int64Scalar(1), fields: { valueArray: "Int32Array" } },
};

function built<Layer extends InstanceType<typeof tf.layers.Layer>>(
  layer: Layer,
  shape: number[],
): Layer {
  layer.build([null, ...shape]);
  return layer;
}

/** An optimizer that has made its slots, and the model whose weights it has moved. */
function trainedBy<Optimizer extends InstanceType<typeof tf.Optimizer>>(optimizer: Optimizer) {
  const input = tf.input({ shape: [2] });
  const output = tf.layers.dense({ units: 1 }).apply(input);
  const model = tf.model({ inputs: input, outputs: output as typeof input });
  model.compile({ optimizer, loss: "meanSquaredError" });
  optimizer.minimize(() => tf.sum(model.predict(tf.ones([1, 2])) as ReturnType<typeof tf.ones>));
  return { model, optimizer };
}

/** What an object lacks, one sentence each. */
function lacks(name: string, object: object, fields: Record<string, Kind>): string[] {
  return Object.entries(fields).flatMap(([field, kind]) => {
    const value = (object as Record<string, unknown>)[field];
    if (kinds[kind](value)) return [];
    const found = value === undefined ? "nothing" : Object.prototype.toString.call(value);
    return [
      `tfjs ${tf.version.tfjs} has ${found} as \`${field}\` of ${name}, where lib/tfjs/insides.ts expects: ${kind}`,
    ];
  });
}

describe("what tfjs' declarations hide and the library uses", () => {
  for (const [name, { of, fields }] of Object.entries(expectations)) {
    it(`is there in ${name}: ${Object.keys(fields).join(", ")}`, () => {
      tf.engine().startScope();
      try {
        assert.deepEqual(lacks(name, of(), fields), []);
      } finally {
        tf.engine().endScope();
      }
    });
  }

  it("would be missed", () => {
    const object = { model: null, _refCount: 1 };
    assert.deepEqual(
      lacks("Thing", object, { _refCount: "number", model: "model", gone: "layer" }),
      [
        `tfjs ${tf.version.tfjs} has [object Null] as \`model\` of Thing, where lib/tfjs/insides.ts expects: model`,
        `tfjs ${tf.version.tfjs} has nothing as \`gone\` of Thing, where lib/tfjs/insides.ts expects: layer`,
      ],
    );
  });
});
