/** Writes formulas into a graph. */
import { DType } from "../../tfjs";
import type { GraphAttr } from "../attributes";
import type { GraphBuilder, Output } from "../graphBuilder";

const float32 = { type: DType.float32 };
const int32 = { type: DType.int32 };

/** Ops of float32 and int32 by what they do, each of them a new node. */
export class Formula {
  constructor(readonly graph: GraphBuilder) {}

  /** An op on float32 values that gives one. */
  floats(op: string, ...inputs: (Output | number)[]): Output {
    const values = inputs.map((each) =>
      typeof each === "number" ? this.graph.float32(each) : each,
    );
    return this.op(op, values, { T: float32 }, DType.float32);
  }

  /** An op on int32 values that gives one. */
  ints(op: string, ...inputs: (Output | number)[]): Output {
    const values = inputs.map((each) => (typeof each === "number" ? this.graph.int32(each) : each));
    return this.op(op, values, { T: int32 }, DType.int32);
  }

  /** Where two float32 values compare so. */
  compares(op: string, a: Output, b: Output | number): Output {
    const other = typeof b === "number" ? this.graph.float32(b) : b;
    return this.op(op, [a, other], { T: float32 }, DType.bool);
  }

  /** float32 values of one or the other. */
  select(condition: Output, then: Output, otherwise: Output): Output {
    return this.op("SelectV2", [condition, then, otherwise], { T: float32 }, DType.float32);
  }

  toInts(value: Output): Output {
    return this.op("Cast", [value], { SrcT: float32, DstT: int32 }, DType.int32);
  }

  toFloats(value: Output): Output {
    return this.op("Cast", [value], { SrcT: int32, DstT: float32 }, DType.float32);
  }

  /** A float32 value in another shape. */
  reshape(value: Output, shape: Output): Output {
    return this.op("Reshape", [value, shape], { T: float32, Tshape: int32 }, DType.float32);
  }

  /** Numbers of the graph, and others, as an int32 vector. */
  vector(...numbers: (Output | number)[]): Output {
    const values = numbers.map((each) =>
      typeof each === "number" ? this.graph.int32(each) : each,
    );
    return this.op(
      "Pack",
      values,
      { N: { int: values.length }, T: int32, axis: { int: 0 } },
      DType.int32,
    );
  }

  /** 0, 1, 2, … */
  range(count: Output): Output {
    const [start, delta] = [this.graph.int32(0), this.graph.int32(1)];
    return this.op("Range", [start, count, delta], { Tidx: int32 }, DType.int32);
  }

  /** A number of an int32 vector. */
  item(vector: Output, index: number): Output {
    return this.gather(vector, { index, axis: 0, dtype: DType.int32 });
  }

  /** A column of a float32 matrix. */
  column(matrix: Output, index: number): Output {
    return this.gather(matrix, { index, axis: 1, dtype: DType.float32 });
  }

  private gather(value: Output, use: { index: number; axis: number; dtype: number }): Output {
    const inputs = [value, this.graph.int32(use.index), this.graph.int32(use.axis)];
    const types = { Tparams: { type: use.dtype }, Tindices: int32, Taxis: int32 };
    return this.op("GatherV2", inputs, { ...types, batch_dims: { int: 0 } }, use.dtype);
  }

  op(op: string, inputs: Output[], attrs: Record<string, GraphAttr>, dtype: number): Output {
    return this.graph.op(op, inputs, { attrs, dtypes: [dtype] });
  }
}
