/** Cases about what trains a model: losses, metrics, optimizers, and how the data comes. */
import {
  type Case,
  type Config,
  kerasTolerance,
  type LossSpec,
  layer,
  makeCase,
  type OptimizerSpec,
  stack,
  type Target,
} from "./description";

const net = (units: number, activation = "linear") =>
  stack(
    [5],
    [layer("Dense", { units: 6, activation: "tanh" }), layer("Dense", { units, activation })],
  );

function lossCase(
  loss: LossSpec,
  target: Target,
  activation = "linear",
  more: Partial<Case> = {},
): Case {
  const title = typeof loss === "string" ? loss : JSON.stringify(loss);
  return makeCase(`loss ${title} of ${activation} and ${target}`, net(3, activation), {
    targets: [target],
    losses: [loss],
    kerasGraph: /^(binary|sparse).*opy$/.test(title),
    ...more,
  });
}

const lossCases: Case[] = [
  lossCase("meanSquaredError", "number", "tanh"),
  lossCase("meanAbsoluteError", "number"),
  lossCase("meanAbsolutePercentageError", "positive", "linear", {
    optimizer: { kind: "SGD", config: { learning_rate: 1e-3 } },
  }),
  lossCase("meanSquaredLogarithmicError", "positive", "softplus"),
  lossCase("squaredHinge", "sign"),
  lossCase("hinge", "sign"),
  lossCase("categoricalHinge", "onehot"),
  lossCase("logcosh", "number"),
  lossCase("poisson", "positive", "softplus"),
  lossCase("kullbackLeiblerDivergence", "share", "softmax"),
  lossCase("cosineProximity", "number"),
  lossCase("binaryCrossentropy", "binary", "sigmoid"),
  lossCase("categoricalCrossentropy", "onehot", "softmax"),
  lossCase("sparseCategoricalCrossentropy", "class", "softmax"),
  lossCase("categoricalCrossentropy", "share", "softmax"),
  lossCase("binaryCrossentropy", "share", "sigmoid"),
  ...["binaryCrossentropy", "categoricalCrossentropy", "sparseCategoricalCrossentropy"].map(
    (name, i) => lossCase({ name, fromLogits: true }, (["binary", "onehot", "class"] as const)[i]!),
  ),
  lossCase({ name: "binaryCrossentropy", labelSmoothing: 0.2 }, "binary", "sigmoid"),
  lossCase({ name: "categoricalCrossentropy", labelSmoothing: 0.2 }, "onehot", "softmax"),
  lossCase({ name: "categoricalCrossentropy", labelSmoothing: 0.1, fromLogits: true }, "onehot"),
  ...(["class", "onehot"] as const).map((target) =>
    makeCase(
      `a ${target} for each step of a sequence`,
      stack(
        [4, 3],
        [
          layer("SimpleRNN", { units: 4, returnSequences: true }),
          layer("Dense", { units: 3, activation: "softmax" }),
        ],
      ),
      {
        targets: [target],
        losses: [target === "class" ? "sparseCategoricalCrossentropy" : "categoricalCrossentropy"],
        metrics: ["accuracy"],
      },
    ),
  ),
];

const metricCase = (
  metrics: string[],
  [target, loss, activation]: [Target, string, string],
  units = 3,
) =>
  makeCase(`metrics ${metrics.join(", ")} of a ${target}`, net(units, activation), {
    targets: [target],
    losses: [loss],
    metrics,
    epochs: 2,
  });

const metricCases: Case[] = [
  metricCase(
    ["accuracy", "sparseCategoricalCrossentropy"],
    ["class", "sparseCategoricalCrossentropy", "softmax"],
  ),
  metricCase(
    ["acc", "categoricalAccuracy", "mae"],
    ["onehot", "categoricalCrossentropy", "softmax"],
  ),
  metricCase(["accuracy", "precision"], ["binary", "binaryCrossentropy", "sigmoid"], 1),
  metricCase(["binaryAccuracy", "mse"], ["binary", "binaryCrossentropy", "sigmoid"]),
  metricCase(["mae", "mse", "mape"], ["positive", "meanSquaredError", "linear"]),
];

/** A network whose gradients are all far from zero, where adaptive methods divide rounding by rounding. */
const smooth = () =>
  stack(
    [5],
    [
      layer("Dense", { units: 6, activation: "tanh" }),
      layer("Dense", { units: 2, activation: "softplus" }),
    ],
  );

function optimizerCase(optimizer: OptimizerSpec, more: Partial<Case> = {}): Case {
  const title =
    "tfjs" in optimizer
      ? `tf.train.${optimizer.tfjs}(${optimizer.args.join(", ")})`
      : `${optimizer.kind} ${JSON.stringify(optimizer.config)}`;
  return makeCase(title, smooth(), { optimizer, epochs: 2, ...more });
}

/** Rounding that grows: relative to steps of 0.01, which adaptive methods make whatever the gradient. */
export const adaptiveTolerance = { tolerance: 5 * kerasTolerance, reason: "adaptive steps" };

const kerasOptimizers: [kind: string, config: Config][] = [
  ["SGD", {}],
  ["SGD", { learning_rate: 0.1, momentum: 0.9 }],
  ["SGD", { learning_rate: 0.1, momentum: 0.8, nesterov: true }],
  ["SGD", { learning_rate: 0.1, clipnorm: 0.1 }],
  ["SGD", { learning_rate: 0.1, momentum: 0.5, clipvalue: 0.02, weight_decay: 0.1 }],
  ["SGD", { learning_rate: 0.1, global_clipnorm: 0.2, nesterov: true, momentum: 0.9 }],
  ["RMSprop", { learning_rate: 0.01 }],
  ["RMSprop", { learning_rate: 0.01, rho: 0.5, momentum: 0.9 }],
  ["RMSprop", { learning_rate: 0.01, centered: true }],
  ["RMSprop", { learning_rate: 0.01, centered: true, momentum: 0.5, weight_decay: 0.1 }],
  ["RMSprop", { learning_rate: 0.01, clipnorm: 0.1, epsilon: 0.01 }],
  ["Adam", { learning_rate: 0.01 }],
  ["Adam", { learning_rate: 0.01, amsgrad: true }],
  ["Adam", { learning_rate: 0.01, beta_1: 0.7, beta_2: 0.9, epsilon: 1e-3, clipvalue: 0.05 }],
  ["Adam", { learning_rate: 0.01, weight_decay: 0.1, global_clipnorm: 0.3 }],
  ["AdamW", { learning_rate: 0.01 }],
  ["AdamW", { learning_rate: 0.01, weight_decay: 0.2, amsgrad: true, clipnorm: 0.2 }],
  ["Adagrad", { learning_rate: 0.05 }],
  [
    "Adagrad",
    { learning_rate: 0.05, initial_accumulator_value: 0.01, epsilon: 1e-3, weight_decay: 0.05 },
  ],
  ["Adadelta", { learning_rate: 1 }],
  ["Adadelta", { learning_rate: 0.5, rho: 0.7, epsilon: 1e-4, clipnorm: 0.1 }],
  ["Adamax", { learning_rate: 0.01 }],
  ["Adamax", { learning_rate: 0.01, beta_1: 0.7, beta_2: 0.9, weight_decay: 0.1 }],
  ["Nadam", { learning_rate: 0.01 }],
  ["Nadam", { learning_rate: 0.01, beta_1: 0.7, clipvalue: 0.05 }],
];

const formula = (what: string) => ({ keras: { absent: `tfjs' formula is another one: ${what}` } });

const optimizerCases: Case[] = [
  ...kerasOptimizers.map(([kind, config]) => optimizerCase({ kind, config })),
  optimizerCase({
    tfjs: "sgd",
    args: [0.1],
    keras: { kind: "SGD", config: { learning_rate: 0.1 } },
  }),
  optimizerCase({
    tfjs: "momentum",
    args: [0.1, 0.9],
    keras: { kind: "SGD", config: { learning_rate: 0.1, momentum: 0.9 } },
  }),
  optimizerCase({
    tfjs: "momentum",
    args: [0.1, 0.9, true],
    keras: { kind: "SGD", config: { learning_rate: 0.1, momentum: 0.9, nesterov: true } },
  }),
  optimizerCase(
    {
      tfjs: "adam",
      args: [0.01],
      keras: { kind: "Adam", config: { learning_rate: 0.01 } },
    },
    { keras: adaptiveTolerance },
  ),
  optimizerCase({
    tfjs: "adamax",
    args: [0.01],
    keras: { kind: "Adamax", config: { learning_rate: 0.01 } },
  }),
  optimizerCase({ tfjs: "rmsprop", args: [0.01] }, formula("epsilon under the root")),
  optimizerCase(
    { tfjs: "rmsprop", args: [0.01, 0.8, 0.5, 1e-5] },
    formula("epsilon under the root"),
  ),
  optimizerCase(
    { tfjs: "rmsprop", args: [0.01, 0.9, 0, 1e-5, true] },
    formula("epsilon under the root"),
  ),
  optimizerCase({ tfjs: "adagrad", args: [0.05] }, formula("epsilon under the root")),
  optimizerCase({ tfjs: "adadelta", args: [1] }, formula("a fixed epsilon elsewhere")),
  optimizerCase({ tfjs: "adam", args: [0.01, 0.7, 0.9, 1e-3] }, formula("where epsilon goes")),
];

/** The data in one way or another. */
function dataCase(name: string, more: Partial<Case>): Case {
  return makeCase(name, net(3, "softmax"), {
    targets: ["class"],
    losses: ["sparseCategoricalCrossentropy"],
    metrics: ["accuracy"],
    ...more,
  });
}

const dataCases: Case[] = [
  dataCase("batches of one", { samples: 5, batchSize: 1 }),
  dataCase("a last batch of one", { samples: 9, batchSize: 4, epochs: 2 }),
  dataCase("a batch larger than the data", { samples: 6, batchSize: 32, epochs: 3 }),
  dataCase("nine samples in batches of eight", { samples: 9, batchSize: 8, epochs: 2 }),
  dataCase("several epochs that nobody looks into", { epochs: 3, looksAtSteps: false }),
  dataCase("sample weights", { sampleWeight: true, epochs: 2 }),
  dataCase("class weights", { classWeight: { 0: 1, 1: 0.25, 2: 3 }, epochs: 2 }),
  dataCase("a share for validation", { samples: 12, validationSplit: 0.25, epochs: 2 }),
  dataCase("sample weights and a share for validation", {
    samples: 12,
    validationSplit: 0.25,
    sampleWeight: true,
    epochs: 2,
  }),
  makeCase("sample weights, squared error", net(2), { sampleWeight: true, epochs: 2 }),
  makeCase("one number for each sample", net(1), { metrics: ["mae"], epochs: 2 }),
];

export const trainingCases: Case[] = [
  ...lossCases,
  ...metricCases,
  ...optimizerCases,
  ...dataCases,
];
