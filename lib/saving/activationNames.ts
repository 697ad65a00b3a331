/** What Keras and tfjs call an activation. */
import { isObject, type Json, type JsonObject } from "../json";
import { registerActivations } from "./activations";
import { field, unsupported } from "./json";
import { keras2HardSigmoid } from "./keras2";
import { describeOwn, ownFunctionOf, ownNameOf } from "./ownFunctions";

/** Keras' activation names → tfjs'. */
const activations: Record<string, string> = {
  linear: "linear",
  elu: "elu",
  selu: "selu",
  relu: "relu",
  relu6: "relu6",
  sigmoid: "sigmoid",
  softplus: "softplus",
  softsign: "softsign",
  tanh: "tanh",
  softmax: "softmax",
  log_softmax: "logSoftmax",
  mish: "mish",
  silu: "swish",
  swish: "swish",
  hard_sigmoid: "kerasHardSigmoid",
  hard_silu: "kerasHardSilu",
  hard_swish: "kerasHardSilu",
  gelu: "gelu",
  // Keras names this one only as an operation: an object with its module.
  "keras.ops.gelu": "gelu_new",
  leaky_relu: "kerasLeakyRelu",
  exponential: "kerasExponential",
  celu: "kerasCelu",
  glu: "kerasGlu",
  hard_shrink: "kerasHardShrink",
  hard_tanh: "kerasHardTanh",
  log_sigmoid: "kerasLogSigmoid",
  soft_shrink: "kerasSoftShrink",
  sparse_plus: "kerasSparsePlus",
  sparse_sigmoid: "kerasSparseSigmoid",
  sparsemax: "kerasSparsemax",
  squareplus: "kerasSquareplus",
  tanh_shrink: "kerasTanhShrink",
};

/** tfjs' activation names → Keras', where several map to one the first is written. */
const activationNames = new Map(
  Object.entries(activations)
    .reverse()
    .map(([keras, tfjs]) => [tfjs, keras]),
);

/** Keras' activation, a name or a description with a name, → tfjs' name. */
export function readActivation(value: Json, where: string): string {
  if (value === null) return "linear";
  if (value === keras2HardSigmoid) return "hardSigmoid"; // tfjs' own is Keras 2's
  const own = ownFunctionOf(value);
  if (own !== undefined) return ownNameOf(own);
  const name = isObject(value) ? activationName(value) : value;
  if (typeof name !== "string" || !Object.hasOwn(activations, name)) {
    throw unsupported(where, "activation", name ?? value, Object.keys(activations));
  }
  registerActivations();
  return activations[name]!;
}

/** An object stands for a function by its name (`{"class_name": "function", "config": "relu"}`) or for a layer. */
function activationName(value: JsonObject): Json | undefined {
  const config = field(value, "config");
  const module = field(value, "module");
  const isOperation = typeof module === "string" && module.split(".").includes("ops");
  if (config === "gelu" && isOperation) return "keras.ops.gelu";
  return typeof config === "string" ? config : field(value, "class_name");
}

/** tfjs' activation name → Keras'. */
export function writeActivation(value: unknown, where: string): Json {
  const own = describeOwn(value);
  if (own !== undefined) return own;
  const name = activationNames.get(value as string);
  if (name === undefined)
    throw unsupported(where, "activation", value, [...activationNames.keys()]);
  if (name !== "keras.ops.gelu") return name;
  return { module: "keras.ops", class_name: "function", config: "gelu", registered_name: "gelu" };
}
