/** Cases that nobody thought of: random layers, options, losses, optimizers and batch sizes, from a seed. */
import {
  type Case,
  type Config,
  graph,
  makeCase,
  type OptimizerSpec,
  type Target,
} from "./description";
import { Draw } from "./draw";
import { Growing } from "./growing";
import { adaptiveTolerance } from "./trainingCases";

const heads: [loss: string, target: Target, activation: string][] = [
  ["meanSquaredError", "number", "linear"],
  ["meanAbsoluteError", "number", "tanh"],
  ["logcosh", "number", "linear"],
  ["poisson", "positive", "softplus"],
  ["hinge", "sign", "linear"],
  ["binaryCrossentropy", "binary", "sigmoid"],
  ["categoricalCrossentropy", "onehot", "softmax"],
  ["sparseCategoricalCrossentropy", "class", "softmax"],
];

const adaptive = ["RMSprop", "Adam", "AdamW", "Adagrad", "Adamax", "Nadam", "Adadelta"];

function randomOptimizer(draw: Draw, kind: string): OptimizerSpec {
  const learningRate = draw.of([0.01, 0.02]);
  const limits: Config[] = [
    {},
    {},
    {},
    { clipnorm: 0.3 },
    { clipvalue: 0.1 },
    { global_clipnorm: 0.5 },
  ];
  const config: Config = { learning_rate: learningRate, ...draw.of(limits) };
  if (draw.chance(0.3)) config.weight_decay = 0.1;
  if (kind === "SGD" && draw.chance(0.7)) {
    config.momentum = draw.of([0.5, 0.9]);
    config.nesterov = draw.chance(0.5);
  }
  if (kind === "RMSprop" && draw.chance(0.5)) config.momentum = 0.5;
  if (kind === "RMSprop" && draw.chance(0.3)) config.centered = true;
  if (kind.startsWith("Adam") && kind !== "Adamax") config.amsgrad = draw.chance(0.4);
  return { kind, config };
}

function randomCase(seed: number): Case {
  const draw = new Draw(seed);
  const kind = draw.chance(0.5) ? "SGD" : draw.of(adaptive);
  const start = draw.of(["image", "image", "sequence", "vector", "tokens"]);
  const shapes: Record<string, number[]> = {
    image: [draw.whole(3, 8), draw.whole(3, 8), draw.whole(1, 3)],
    sequence: [draw.whole(3, 6), draw.whole(1, 4)],
    vector: [draw.whole(2, 6)],
    tokens: [draw.whole(3, 6)],
  };
  const input = { name: "input", shape: shapes[start]!, ...(start === "tokens" && { tokens: 7 }) };
  const model = new Growing(draw, input.shape, kind === "SGD");
  if (start === "tokens") {
    model.add("Embedding", { inputDim: 7, outputDim: 3 }, [...input.shape, 3]);
  }
  for (let left = draw.whole(1, 5); left > 0; left--) model.grow();
  model.flatten();
  const [loss, target, activation] = draw.of(heads);
  const units = target === "class" || target === "onehot" ? 3 : draw.whole(1, 3);
  model.add("Dense", { units, activation }, [units]);
  const samples = draw.whole(5, 12);
  const batchSize = draw.whole(3, 8);
  const title = model.layers.map((each) => each.kind).join(", ");
  return makeCase(`seed ${seed}: ${title}; ${loss}, ${kind}`, graph([input], model.layers), {
    targets: [target],
    losses: [loss],
    optimizer: randomOptimizer(draw, kind),
    samples,
    batchSize,
    epochs: draw.whole(1, 2),
    sampleWeight: draw.chance(0.2),
    looksAtSteps: draw.chance(0.7),
    ...(kind !== "SGD" && { keras: adaptiveTolerance }),
  });
}

/** So many cases; each has a seed of its own, counted up from the first. */
export function randomCases(firstSeed: number, count: number): Case[] {
  return Array.from({ length: count }, (_, i) => randomCase(firstSeed + i));
}
