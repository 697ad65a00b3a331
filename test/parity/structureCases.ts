/** Cases about how a model is put together: several ends, shared, nested and frozen parts, merging. */
import { type Case, type Config, graph, layer, makeCase } from "./description";

export const input = (name: string, ...shape: number[]) => ({ name, shape });
export const dense = (units: number, name: string, from?: string[], more: Config = {}) =>
  layer("Dense", { units, ...more }, { name, from });

/** Two branches of the same shape, merged. */
function merged(kind: string, config: Config = {}, shape = [4]): Case {
  const branch = (name: string, from: string) =>
    layer("Dense", { units: 4, activation: "tanh" }, { name, from: [from] });
  const flat = shape.length > 1 ? [layer("Flatten")] : [];
  return makeCase(
    `${kind} ${JSON.stringify(config)} of two ${shape.length + 1}-D branches`,
    graph(
      [input("a", ...shape), input("b", ...shape)],
      [
        branch("left", "a"),
        branch("right", "b"),
        layer(kind, config, { name: "both", from: ["left", "right"] }),
        ...flat,
        layer("Dense", { units: 2 }),
      ],
    ),
  );
}

const merging: Case[] = [
  ...["Add", "Average", "Multiply", "Maximum", "Minimum", "Concatenate"].map((kind) =>
    merged(kind),
  ),
  merged("Concatenate", { axis: 1 }, [3, 2]),
  merged("Concatenate", { axis: 2 }, [3, 2]),
  merged("Dot", { axes: 1 }),
  merged("Dot", { axes: 1, normalize: true }),
  merged("Dot", { axes: 2 }, [3, 2]),
  merged("Dot", { axes: [2, 1] }, [4, 2]),
  makeCase(
    "Add of three, one of them an input",
    graph(
      [input("a", 4)],
      [
        dense(4, "one", ["a"]),
        dense(4, "two", ["one"], { activation: "relu" }),
        layer("Add", {}, { from: ["a", "one", "two"] }),
        layer("Dense", { units: 2 }),
      ],
    ),
  ),
];

const ends: Case[] = [
  makeCase(
    "two inputs",
    graph(
      [input("a", 3), input("b", 2)],
      [
        dense(3, "left", ["a"]),
        layer("Concatenate", {}, { from: ["left", "b"] }),
        layer("Dense", { units: 2 }),
      ],
    ),
  ),
  makeCase(
    "two outputs with weights of their losses",
    graph(
      [input("a", 3)],
      [
        dense(4, "trunk", ["a"], { activation: "tanh" }),
        dense(3, "kind", ["trunk"], { activation: "softmax" }),
        dense(2, "amount", ["trunk"]),
      ],
      ["kind", "amount"],
    ),
    {
      targets: ["class", "number"],
      losses: ["sparseCategoricalCrossentropy", "meanAbsoluteError"],
      lossWeights: [0.3, 2],
      kerasGraph: true,
      epochs: 2,
    },
  ),
  makeCase(
    "two outputs with two losses",
    graph(
      [input("a", 3)],
      [
        dense(4, "trunk", ["a"], { activation: "tanh" }),
        dense(3, "kind", ["trunk"], { activation: "softmax" }),
        dense(2, "amount", ["trunk"]),
      ],
      ["kind", "amount"],
    ),
    {
      targets: ["class", "number"],
      losses: ["sparseCategoricalCrossentropy", "meanAbsoluteError"],
      samples: 8,
    },
  ),
  makeCase(
    "three outputs, one of them in the middle",
    graph(
      [input("a", 3), input("b", 3)],
      [
        dense(3, "middle", ["a"], { activation: "tanh" }),
        layer("Multiply", {}, { name: "product", from: ["middle", "b"] }),
        dense(1, "yes", ["product"], { activation: "sigmoid" }),
        dense(2, "amount", ["product"]),
      ],
      ["middle", "yes", "amount"],
    ),
    {
      targets: ["number", "binary", "number"],
      losses: ["meanSquaredError", "binaryCrossentropy", "logcosh"],
      samples: 8,
    },
  ),
  makeCase(
    "an output that is another output's input",
    graph(
      [input("a", 3)],
      [dense(1, "first", ["a"], { activation: "sigmoid" }), dense(2, "second", ["first"])],
      ["first", "second"],
    ),
    {
      targets: ["binary", "number"],
      losses: ["binaryCrossentropy", "meanSquaredError"],
      samples: 8,
    },
  ),
];

export const structureCases: Case[] = [...merging, ...ends];
