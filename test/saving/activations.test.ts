/** Activations of Keras' files against Keras 3.15.1 on TensorFlow 2.21. */
import { after, before, describe, it } from "node:test";
import { KerasCases } from "../support/kerasCases";

const operations = ["relu", "relu6", "sigmoid", "softplus", "softsign", "tanh", "silu"].concat([
  "hard_sigmoid",
  "hard_silu",
  "leaky_relu",
  "elu",
  "selu",
  "log_softmax",
  "softmax",
]);
/** Two in a model. */
const pairs = [
  ["celu", "hard_shrink"],
  ["hard_tanh", "log_sigmoid"],
  ["soft_shrink", "sparse_plus"],
  ["sparse_sigmoid", "squareplus"],
  ["tanh_shrink", "celu"],
  ["sparsemax", "glu"],
];

const program = `
import zipfile
def activated(name, activation):
    layers = [L.Dense(4, activation=activation), L.Activation(activation)]
    case(name, keras.Sequential([keras.Input((5,)), *layers]), 3 * real(7, 5))

for one, other in ${JSON.stringify(pairs)}:
    case(one + " and " + other, keras.Sequential([keras.Input((5,)), L.Dense(4, activation=one), L.Activation(other)]), 3 * real(7, 5))

activated("gelu", "gelu")
for name in ${JSON.stringify(operations)}: activated(name, getattr(ops, name))

# Keras 3.15.1 writes keras.ops.gelu as "gelu" and reads that as the exact one; as an object it reads it right.
activated("tanh gelu", ops.gelu)
path = f"{folder}/tanh gelu.keras"
with zipfile.ZipFile(path) as z: members = {n: z.read(n) for n in z.namelist()}
operation = dict(module="keras.ops", class_name="function", config="gelu", registered_name="gelu")
members["config.json"] = members["config.json"].replace(b'"activation": "gelu"', b'"activation": ' + json.dumps(operation).encode())
with zipfile.ZipFile(path, "w") as z:
    for n in members: z.writestr(n, members[n])
`;

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

describe("an activation computes and trains as in Keras:", () => {
  for (const name of [
    "gelu",
    "tanh gelu",
    ...operations,
    ...pairs.map((pair) => pair.join(" and ")),
  ]) {
    it(name, () => cases!.compare(name, { engine: "graph" }));
  }
});

after(() => cases?.compareSaved());
