/** A layer that does what one of Keras' operations does: `x / 127.5`, `ops.mean(x, axis=1)`, `x[..., ::-1]`. */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Json, JsonObject } from "../../json";
import { type Config, type Shape, tf, trustClass } from "../../tfjs";
import { computedAs, type KerasType, noteType, type OperandType, typeOf, widthOf } from "../types";
import { OperandsError } from "./operandsError";
import type { OperationRule, OperationTypes, Settings } from "./rule";
import { kept } from "./typeRules";

/** Something that an operation is called on: a tensor of the model by its number, or a constant. */
export type Operand =
  | { input: number }
  | { constant: number | boolean | Json[]; type: OperandType };

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
  /** The types that the file gives its inputs, where it does. */
  types: (KerasType | undefined)[];
}

type Shapes = Shape | Shape[];

/** One operation at its one place in a model. */
export class Operation extends tf.layers.Layer {
  private types: OperationTypes = { operands: [], result: "float32" };

  /** It is in no register: only `readOperation` makes one. */
  static className = "Operation";

  constructor(
    readonly description: Description,
    private readonly computation: Computation,
  ) {
    super({ name: description.name });
  }

  /**
   * Puts it into a model.
   *
   * @throws OperandsError for operands that it can't be computed of.
   */
  on(inputs: SymbolicTensor[]): SymbolicTensor[] {
    const { rule, settings, operands, types } = this.computation;
    // What Keras says of an operation's own result isn't always what it computes.
    const given = inputs.map((input, i) => typeOf(input) ?? types[i] ?? "float32");
    for (const [i, input] of inputs.entries()) noteType(input, given[i]!);
    const each = operands.map((operand) =>
      "input" in operand ? given[operand.input]! : operand.type,
    );
    this.types = (rule.types ?? kept)(each, settings);
    checkConstants(operands, this.types.operands);
    const outputs: SymbolicTensor[] = [
      this.apply<SymbolicTensor[]>(inputs.length === 1 ? inputs[0]! : inputs),
    ].flat();
    for (const output of outputs) noteType(output, this.types.result);
    return outputs;
  }

  override call(inputs: Tensor | Tensor[]): Tensor | Tensor[] {
    return tf.tidy(() => {
      const { rule, settings, operands } = this.computation;
      const given = [inputs].flat();
      const values = operands.map((operand, i) => {
        const type = this.types.operands[i]!;
        if (!("input" in operand)) return constant(operand.constant, type);
        return cast(given[operand.input]!, computedAs(type));
      });
      const results = rule.compute(values, settings);
      const { result: type, wraps } = this.types;
      const typed = (result: Tensor) => {
        const own = cast(result, computedAs(type));
        return wraps ? wrapped(own, type) : own;
      };
      return Array.isArray(results) ? results.map(typed) : typed(results);
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

const cast = (x: Tensor, type: "bool" | "float32" | "int32") =>
  x.dtype === type ? x : tf.cast(x, type);

/** A constant; Keras takes -1 beside narrow numbers without a sign. */
function constant(value: number | boolean | Json[], type: KerasType): Tensor {
  const numbers = (each: Json): Json => (Array.isArray(each) ? each.map(numbers) : Number(each));
  return wrapped(tf.tensor(numbers(value) as number[], undefined, computedAs(type)), type);
}

const valuesOf = (value: Json): number[] =>
  Array.isArray(value) ? value.flatMap(valuesOf) : [Number(value)];

/** Whole numbers of 64 bits are computed in 32, where these must fit. */
function checkConstants(operands: readonly Operand[], types: readonly KerasType[]): void {
  for (const [i, operand] of operands.entries()) {
    if ("input" in operand || computedAs(types[i]!) !== "int32") continue;
    const outside = valuesOf(operand.constant).find((each) => each !== (each | 0));
    if (outside === undefined) continue;
    throw new OperandsError(`is called on ${outside}. Supported: whole numbers of 32 bits`);
  }
}

/** Whole numbers outside of a narrow type's range come in at its other end. */
function wrapped(x: Tensor, type: KerasType): Tensor {
  const width = widthOf(type);
  if (width === undefined || width.bits >= 32) return x;
  const whole = (value: number) => tf.scalar(value, "int32");
  const [size, low] = [whole(2 ** width.bits), whole(width.isSigned ? 2 ** (width.bits - 1) : 0)];
  return tf.sub(tf.mod(tf.add(x, low), size), low);
}

/** The shape of nested lists, by their first items. */
export function sizesOf(value: Json): number[] {
  return Array.isArray(value) ? [value.length, ...sizesOf(value[0] ?? 0)] : [];
}
