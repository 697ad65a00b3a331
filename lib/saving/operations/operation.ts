/** A layer that does what one of Keras' operations does: `x / 127.5`, `ops.mean(x, axis=1)`, `x[..., ::-1]`. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Json, JsonObject } from "../../json";
import { type Config, type Shape, tf, trustClass } from "../../tfjs";
import type { OperationRule, Settings } from "./rule";

/** Something that an operation is called on: a tensor of the model by its number, or a constant. */
export type Operand = { input: number } | { constant: number | boolean | Json[] };

/** What a file says of an operation. */
export interface Description {
  name: string;
  /** Keras' module and class. */
  module: string;
  className: string;
  /** Its options as they are written, without the name. */
  config: JsonObject;
  /** What it is called with, tensors as `{ class_name: "__keras_tensor__", config: number }`. */
  args: Json[];
  kwargs: JsonObject;
}

/** How it is computed. */
export interface Computation {
  rule: OperationRule;
  settings: Settings;
  operands: Operand[];
}

type Shapes = Shape | Shape[];

/** One operation at its one place in a model. */
export class Operation extends tf.layers.Layer {
  /** It is in no register: only `readOperation` makes one. */
  static className = "Operation";

  constructor(
    readonly description: Description,
    private readonly computation: Computation,
  ) {
    super({ name: description.name });
  }

  override call(inputs: Tensor | Tensor[]): Tensor | Tensor[] {
    return tf.tidy(() => {
      const { rule, settings, operands } = this.computation;
      const given = [inputs].flat();
      const isWhole = given.every(({ dtype }) => dtype === "int32");
      const values = operands.map((operand) =>
        "input" in operand ? given[operand.input]! : constant(operand.constant, isWhole),
      );
      return rule.compute(values, settings);
    });
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    const { rule, settings, operands } = this.computation;
    const given = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    const shapes = operands.map((operand) =>
      "input" in operand ? given[operand.input]! : sizesOf(operand.constant),
    );
    return rule.shape(shapes, settings);
  }

  override getConfig() {
    const { name: _, ...description } = this.description;
    return { ...super.getConfig(), ...description } as Config as ReturnType<
      tf.layers.Layer["getConfig"]
    >;
  }
}

trustClass(Operation);

/** A constant beside whole numbers is of whole numbers where it can be, as Python's `2` is. */
function constant(value: number | boolean | Json[], isWhole: boolean): Tensor {
  const numbers: unknown[] = [value].flat(8);
  const isInteger = isWhole && numbers.every(Number.isInteger);
  if (typeof value === "boolean") return tf.scalar(value, "bool");
  return tf.tensor(value as number[], undefined, isInteger ? "int32" : "float32");
}

/** The shape of nested lists, by their first items. */
export function sizesOf(value: Json): number[] {
  return Array.isArray(value) ? [value.length, ...sizesOf(value[0] ?? 0)] : [];
}
