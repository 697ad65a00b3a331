/** Types and shapes of ops that don't run, from TensorFlow's own shape functions. */

import { type NativeInference, nativeModule } from "../native";
import type { KernelAttr } from "../tfjs";
import { NotCompilableError } from "./notCompilable";
import { groupInputs, typeAttrs } from "./opRegistry";

/** Constants up to this size take part with their values: shapes, axes and the like. */
const KNOWN_BYTES = 1024;

/** A value whose type is known to the inference. */
export interface InferredValue {
  inferred: number;
  dtype: number;
}

/** One result of an op. */
export interface InferredOutput extends InferredValue {
  shape: number[];
}

/** Follows a computation without computing. Close it, or its memory waits for the collector, which can't see it. */
export class Inference {
  private readonly native: NativeInference = nativeModule().createInference();

  /** Frees the memory. */
  close(): void {
    nativeModule().closeInference(this.native);
  }

  /** Makes a value known; small constants with their `values`. Returns its number. */
  value(dtype: number, shape: readonly number[], values?: ArrayBufferView): number {
    const small = values !== undefined && values.byteLength <= KNOWN_BYTES ? values : null;
    return nativeModule().inferValue(this.native, dtype, shape, small);
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
    inputs: InferredValue[],
  ): { attrs: Record<string, KernelAttr>; outputs: InferredOutput[] } {
    const types = typeAttrs(
      name,
      inputs.map(({ dtype }) => dtype),
    );
    const attrs = { ...given, ...types };
    const entries = Object.entries(given)
      .filter(([attr]) => !(attr in types))
      .map(([attr, value]): [string, string, unknown] => {
        const [kind, content] = Object.entries(value)[0]!;
        return [attr, kind, content];
      });
    const numbers = groupInputs(
      name,
      inputs.map(({ inferred }) => inferred),
    );
    const outputs = nativeModule()
      .inferOp(this.native, name, entries, numbers)
      .map(([inferred, dtype, shape]) => {
        if (shape === null || shape.includes(-1)) {
          throw new NotCompilableError(`the shape that ${name} gives depends on values`);
        }
        return { inferred, dtype, shape };
      });
    return { attrs, outputs };
  }
}
