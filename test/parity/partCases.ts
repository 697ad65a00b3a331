/** Cases about parts of models: shared, nested and frozen ones, and blocks of known networks. */
import { type Case, type Config, graph, layer, makeCase, stack } from "./description";
import { dense, input } from "./structureCases";

const vector = (...layers: ReturnType<typeof layer>[]) => stack([4], layers);

const shared: Case[] = [
  makeCase(
    "a dense layer on two inputs",
    graph(
      [input("a", 3), input("b", 3)],
      [
        dense(3, "twin", ["a"], { activation: "tanh" }),
        layer("Dense", {}, { name: "again", from: ["b"], shares: "twin" }),
        layer("Add", {}, { from: ["twin", "again"] }),
        layer("Dense", { units: 2 }),
      ],
    ),
  ),
  makeCase(
    "a dense layer on its own output, regularized",
    graph(
      [input("a", 3)],
      [
        dense(3, "loop", ["a"], {
          activation: "tanh",
          kernelRegularizer: { className: "L1L2", config: { l1: 0, l2: 0.1 } },
        }),
        layer("Dense", {}, { name: "again", shares: "loop" }),
        layer("Dense", { units: 2 }),
      ],
    ),
  ),
  makeCase(
    "a model on two inputs",
    graph(
      [input("a", 4), input("b", 4)],
      [
        layer(
          "Model",
          {},
          {
            name: "tower",
            from: ["a"],
            model: vector(
              layer("Dense", { units: 3, activation: "relu" }),
              layer("Dense", { units: 3 }),
            ),
          },
        ),
        layer("Model", {}, { name: "again", from: ["b"], shares: "tower" }),
        layer("Dot", { axes: 1, normalize: true }, { from: ["tower", "again"] }),
      ],
    ),
  ),
  makeCase(
    "batch normalization on two inputs",
    graph(
      [input("a", 3), input("b", 3)],
      [
        layer("BatchNormalization", { momentum: 0.8 }, { name: "norm", from: ["a"] }),
        layer("BatchNormalization", {}, { name: "again", from: ["b"], shares: "norm" }),
        layer("Concatenate", {}, { from: ["norm", "again"] }),
        layer("Dense", { units: 2 }),
      ],
    ),
  ),
];

const base = (config: Config = {}, inner: Config = {}) =>
  layer("Model", config, {
    model: stack(
      [6, 6, 2],
      [
        layer("Conv2D", { filters: 3, kernelSize: 3, useBias: false, ...inner }),
        layer("BatchNormalization", { momentum: 0.8 }),
        layer("Activation", { activation: "relu" }),
      ],
    ),
  });
const top = () => [layer("GlobalAveragePooling2D"), layer("Dense", { units: 2 })];

const nested: Case[] = [
  makeCase("a model in a stack", stack([6, 6, 2], [base(), ...top()])),
  makeCase("a frozen model in a stack", stack([6, 6, 2], [base({ trainable: false }), ...top()])),
  makeCase(
    "a model with one frozen layer",
    stack([6, 6, 2], [base({}, { trainable: false }), ...top()]),
  ),
  makeCase(
    "a model in a model in a model",
    stack(
      [4],
      [
        layer(
          "Model",
          {},
          {
            model: vector(
              layer(
                "Model",
                {},
                { model: vector(layer("Dense", { units: 3, activation: "tanh" })) },
              ),
              layer("Dense", { units: 3 }),
            ),
          },
        ),
        layer("Dense", { units: 2 }),
      ],
    ),
  ),
  makeCase(
    "a model in a graph of layers",
    graph([input("a", 6, 6, 2)], [base(), layer("Flatten"), layer("Dense", { units: 2 })]),
  ),
  makeCase(
    "a nested model that ends in softmax",
    stack(
      [4],
      [layer("Model", {}, { model: vector(layer("Dense", { units: 3, activation: "softmax" })) })],
    ),
    { targets: ["class"], losses: ["sparseCategoricalCrossentropy"], kerasGraph: true },
  ),
];

const frozen: Case[] = [
  makeCase(
    "frozen layers between others",
    vector(
      layer("Dense", { units: 3, trainable: false, activation: "tanh" }),
      layer("Dense", { units: 3, activation: "tanh" }),
      layer("Dense", { units: 3, trainable: false }),
      layer("Dense", { units: 2 }),
    ),
  ),
  makeCase(
    "a frozen LSTM",
    stack(
      [4, 3],
      [
        layer("LSTM", { units: 3, recurrentActivation: "sigmoid", trainable: false }),
        layer("Dense", { units: 2 }),
      ],
    ),
  ),
];

const networks: Case[] = [
  makeCase(
    "a residual block",
    graph(
      [input("image", 6, 6, 3)],
      [
        layer(
          "Conv2D",
          { filters: 3, kernelSize: 3, padding: "same", useBias: false },
          { name: "conv" },
        ),
        layer("BatchNormalization", {}, { name: "norm" }),
        layer("Activation", { activation: "relu" }, { name: "relu" }),
        layer("Add", {}, { from: ["image", "relu"] }),
        layer("MaxPooling2D", { poolSize: 2 }),
        layer("Flatten"),
        layer("Dense", { units: 3, activation: "softmax" }),
      ],
    ),
    {
      targets: ["class"],
      losses: ["sparseCategoricalCrossentropy"],
      metrics: ["accuracy"],
      epochs: 2,
    },
  ),
  makeCase(
    "an inception block",
    graph(
      [input("image", 6, 6, 2)],
      [
        layer("Conv2D", { filters: 2, kernelSize: 1 }, { name: "point", from: ["image"] }),
        layer(
          "Conv2D",
          { filters: 2, kernelSize: 3, padding: "same" },
          { name: "wide", from: ["image"] },
        ),
        layer(
          "MaxPooling2D",
          { poolSize: 3, strides: 1, padding: "same" },
          { name: "pool", from: ["image"] },
        ),
        layer("Concatenate", {}, { from: ["point", "wide", "pool"] }),
        layer("GlobalAveragePooling2D"),
        layer("Dense", { units: 2 }),
      ],
    ),
  ),
  makeCase(
    "an encoder and a decoder",
    stack(
      [8, 8, 1],
      [
        layer("Conv2D", {
          filters: 3,
          kernelSize: 3,
          strides: 2,
          padding: "same",
          activation: "relu",
        }),
        layer("Conv2D", {
          filters: 4,
          kernelSize: 3,
          strides: 2,
          padding: "same",
          activation: "relu",
        }),
        layer("Conv2DTranspose", {
          filters: 3,
          kernelSize: 3,
          strides: 2,
          padding: "same",
          activation: "relu",
        }),
        layer("UpSampling2D", { size: [2, 2] }),
        layer("Conv2D", { filters: 1, kernelSize: 3, padding: "same", activation: "sigmoid" }),
      ],
    ),
  ),
  makeCase(
    "a class for each pixel",
    stack(
      [5, 5, 2],
      [
        layer("Conv2D", { filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
        layer("Conv2D", { filters: 3, kernelSize: 1, activation: "softmax" }),
      ],
    ),
    { targets: ["class"], losses: ["sparseCategoricalCrossentropy"], metrics: ["accuracy"] },
  ),
];

export const partCases: Case[] = [...shared, ...nested, ...frozen, ...networks];
