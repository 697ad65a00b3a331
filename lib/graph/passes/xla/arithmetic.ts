/** Small ops without ceremony: what a kernel is written out in. */
import { DType } from "../../../engine";
import type { GraphBuilder, NodeOptions, Output } from "../../graphBuilder";

/** Adds ops to a graph; numbers become constants. */
export class Arithmetic {
  constructor(private readonly graph: GraphBuilder) {}

  /** An op whose inputs and results are float32. */
  float(op: string, ...inputs: (Output | number)[]): Output {
    return this.typed(op, inputs, DType.float32);
  }

  /** An op whose inputs and results are int32. */
  int(op: string, ...inputs: (Output | number)[]): Output {
    return this.typed(op, inputs, DType.int32);
  }

  /** An int32 constant. */
  ints(values: number | readonly number[]): Output {
    return this.graph.int32(values);
  }

  /** A comparison of float32. */
  compare(op: string, ...inputs: (Output | number)[]): Output {
    return this.typed(op, inputs, DType.float32, DType.bool);
  }

  cast(value: Output, from: number, to: number): Output {
    return this.add("Cast", [value], {
      attrs: { SrcT: { type: from }, DstT: { type: to }, Truncate: { bool: false } },
      dtypes: [to],
    });
  }

  reshape(value: Output, shape: Output | readonly number[], dtype: number = DType.float32): Output {
    const size = typeof shape === "string" ? shape : this.graph.int32(shape);
    return this.add("Reshape", [value, size], {
      attrs: { T: { type: dtype }, Tshape: { type: DType.int32 } },
      dtypes: [dtype],
    });
  }

  /** A part of a float32 value; -1 in `size` is all that follows. */
  slice(value: Output, begin: readonly number[], size: Output | readonly number[]): Output {
    const sizes = typeof size === "string" ? size : this.graph.int32(size);
    return this.add("Slice", [value, this.graph.int32(begin), sizes], {
      attrs: { T: { type: DType.float32 }, Index: { type: DType.int32 } },
      dtypes: [DType.float32],
    });
  }

  /** The whole numbers from 0 to `end`, int32. */
  range(end: Output | number): Output {
    const [zero, one] = [this.graph.int32(0), this.graph.int32(1)];
    return this.add("Range", [zero, this.constant(end, DType.int32), one], {
      attrs: { Tidx: { type: DType.int32 } },
      dtypes: [DType.int32],
    });
  }

  /** Any op. */
  add(op: string, inputs: Output[], options: NodeOptions): Output {
    return this.graph.op(op, inputs, options);
  }

  private typed(op: string, inputs: (Output | number)[], dtype: number, result = dtype): Output {
    const values = inputs.map((input) => this.constant(input, dtype));
    return this.add(op, values, { attrs: { T: { type: dtype } }, dtypes: [result] });
  }

  private constant(value: Output | number, dtype: number): Output {
    if (typeof value === "string") return value;
    return dtype === DType.int32 ? this.graph.int32(value) : this.graph.float32(value);
  }
}
