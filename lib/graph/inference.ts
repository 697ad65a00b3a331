/** Types and shapes of ops that don't run, from TensorFlow's own shape functions. */

import { type NativeInference, nativeModule } from "../native";
import { DType, type KernelAttr } from "../tfjs";
import { NotCompilableError } from "./notCompilable";
import { groupInputs, typeAttrs } from "./opRegistry";

/** Constants up to this size take part with their values: shapes, axes and the like. */
const KNOWN_BYTES = 1024;

/** What the inference knows of a value. */
export interface InferredValue {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** The numbers of a small constant. */
  readonly values: ArrayBufferView | undefined;
  /** Whether TensorFlow may know the numbers, so that a shape may follow from them. */
  readonly isKnown: boolean;
  /** TensorFlow's number of the value, from when it is asked about it. */
  number: number | undefined;
}

/** What an op gives. */
interface InferredOp {
  /** The op's attributes, with the types that follow from its inputs. */
  attrs: Record<string, KernelAttr>;
  outputs: InferredValue[];
}

/** What TensorFlow has said of an op on values of some types and shapes. */
interface Answer {
  types: Record<string, KernelAttr>;
  outputs: Pick<InferredValue, "dtype" | "shape">[];
}

/**
 * Answers by op, attributes and inputs. A network asks for the same again and again: each block, each epoch's
 * evaluation, each `fit`.
 */
const answers = new Map<string, Answer>();
const MOST_ANSWERS = 8192;

/** Values of these types are never taken for a shape. */
const plainTypes = new Set<number>([DType.float32, DType.bool]);

/** Ops whose result is known though their input isn't. */
const ofShapes = new Set(["Shape", "ShapeN", "Size", "Rank"]);

/** Follows a computation without computing. Close it, or its memory waits for the collector, which can't see it. */
export class Inference {
  private readonly native: NativeInference = nativeModule().createInference();

  /** Frees the memory. */
  close(): void {
    nativeModule().closeInference(this.native);
  }

  /** Makes a value known; small constants with their `values`. */
  value(dtype: number, shape: readonly number[], values?: ArrayBufferView): InferredValue {
    const isKnown = values !== undefined && values.byteLength <= KNOWN_BYTES;
    return { dtype, shape, values: isKnown ? values : undefined, isKnown, number: undefined };
  }

  /**
   * What an op gives.
   *
   * @returns The op's results, and its attributes with the types that follow from its inputs: eager TensorFlow
   *   takes these from the inputs, whatever tfjs says or leaves out; a graph needs them right.
   * @throws NotCompilableError when a shape depends on values.
   */
  op(
    name: string,
    given: Record<string, KernelAttr>,
    inputs: readonly InferredValue[],
  ): InferredOp {
    const key = isPlain(inputs) ? keyOf(name, given, inputs) : undefined;
    const known = key === undefined ? undefined : answers.get(key);
    if (known !== undefined) {
      const outputs = known.outputs.map(({ dtype, shape }) => this.value(dtype, [...shape]));
      return { attrs: { ...given, ...known.types }, outputs };
    }
    const types = typeAttrs(
      name,
      inputs.map(({ dtype }) => dtype),
    );
    const outputs = this.ask(name, { given, types }, inputs);
    if (key !== undefined && outputs.every(({ dtype }) => plainTypes.has(dtype))) {
      if (answers.size >= MOST_ANSWERS) answers.clear();
      answers.set(key, {
        types,
        outputs: outputs.map(({ dtype, shape }) => ({ dtype, shape: [...shape] })),
      });
    }
    return { attrs: { ...given, ...types }, outputs };
  }

  /** Asks TensorFlow. */
  private ask(
    name: string,
    { given, types }: { given: Record<string, KernelAttr>; types: Record<string, KernelAttr> },
    inputs: readonly InferredValue[],
  ): InferredValue[] {
    const entries = Object.entries(given)
      .filter(([attr]) => !(attr in types))
      .map(([attr, value]): [string, string, unknown] => {
        const [kind, content] = Object.entries(value)[0]!;
        return [attr, kind, content];
      });
    const numbers = groupInputs(
      name,
      inputs.map((input) => this.numberOf(input)),
    );
    const isKnown = ofShapes.has(name) || inputs.every((input) => input.isKnown);
    return nativeModule()
      .inferOp(this.native, name, entries, numbers)
      .map(([number, dtype, shape]) => {
        if (shape === null || shape.includes(-1)) {
          throw new NotCompilableError(`the shape that ${name} gives depends on values`);
        }
        return { dtype, shape, values: undefined, isKnown, number };
      });
  }

  private numberOf(value: InferredValue): number {
    const { dtype, shape, values = null } = value;
    value.number ??= nativeModule().inferValue(this.native, dtype, shape, values);
    return value.number;
  }
}

/** Whether what an op gives follows from its inputs' types and shapes, and from the constants among them. */
function isPlain(inputs: readonly InferredValue[]): boolean {
  let isOfData = false;
  for (const { dtype, values, isKnown } of inputs) {
    if (values !== undefined) continue;
    if (isKnown || !plainTypes.has(dtype)) return false;
    isOfData = true;
  }
  return isOfData;
}

function keyOf(
  name: string,
  given: Record<string, KernelAttr>,
  inputs: readonly InferredValue[],
): string {
  let key = `${name} ${JSON.stringify(given)}`;
  for (const { dtype, shape, values } of inputs) {
    key += ` ${dtype} ${shape.join()}`;
    if (values === undefined) continue;
    const { buffer, byteOffset, byteLength } = values;
    key += `=${Buffer.from(buffer, byteOffset, byteLength).toString("latin1")}`;
  }
  return key;
}
