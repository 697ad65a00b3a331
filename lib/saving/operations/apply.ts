/** Operations for models that are made here: what Keras' own networks leave where they compute `x + 3.0`. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import type { Json } from "../../json";
import { nextName } from "../../tfjs";
import { asFloat } from "../pythonJson";
import { elementwise } from "./elementwise";
import { Operation } from "./operation";
import type { Settings } from "./rule";

/**
 * Computes an operation inside a model, named as Keras names it.
 *
 * @param operands Outputs of layers, and Python's floats.
 */
export function applyOperation(
  className: "Add" | "Multiply",
  operands: readonly (SymbolicTensor | number)[],
): SymbolicTensor {
  const inputs: SymbolicTensor[] = [];
  const args = operands.map((operand): Json => {
    if (typeof operand === "number") return asFloat(operand);
    return { class_name: "__keras_tensor__", config: inputs.push(operand) - 1 };
  });
  let count = 0;
  const description = { name: nextName(className), module: "keras.src.ops.numpy", className };
  const operation = new Operation(
    { ...description, config: {}, args, kwargs: {} },
    {
      rule: elementwise[className]!,
      settings: {} as Settings,
      operands: operands.map((operand) =>
        typeof operand === "number"
          ? { constant: operand, type: "float" as const }
          : { input: count++ },
      ),
      types: inputs.map(() => "float32" as const),
    },
  );
  return operation.on(inputs)[0]!;
}
