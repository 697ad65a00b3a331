/**
 * Optimizer updates as TensorFlow's own fused kernels.
 *
 * One kernel reads the gradient once and writes weight and slots in place; composed from small ops the same takes
 * several passes over memory. Optimizers without a kernel of the same formula are traced from their own updates.
 */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import type { GraphBuilder, GraphVariable, Output } from "../graph";
import { DType } from "../tfjs";

/** The graph that the updates are added to. */
export interface UpdateContext {
  graph: GraphBuilder;
  learningRate: Output;
  /** The graph's variable for one of tfjs. */
  variable(variable: Variable): GraphVariable;
}

/** A weight and its place in the list that the optimizer was given. */
export interface WeightPlace {
  variable: Variable;
  index: number;
}

/** How one class of optimizers becomes kernels. */
export interface FusedOptimizer {
  /**
   * Makes a traced step hand its gradients to `take` instead of updating weights.
   *
   * @returns A function that undoes it.
   */
  intercept(take: (weight: { name: string; index: number }, gradient: Tensor) => void): () => void;
  /** The state that the kernel of a weight writes. */
  slots(weight: WeightPlace): Variable[];
  /** Adds the kernel of one weight; `control` names what must have run before. Returns its name. */
  update(
    context: UpdateContext,
    use: WeightPlace & { gradient: Output; control: string[] },
  ): string;
  /** Adds what is done once a step, after the weights; `after` names their nodes. */
  finish?(context: UpdateContext, after: string[]): string[];
  /** State, not of one weight, that `finish` writes. */
  shared?: Variable[];
}

/** Adds a kernel that updates a weight: handles first, then numbers, then the gradient where `inputs` say. */
export function applyKernel(
  graph: GraphBuilder,
  op: string,
  use: { inputs: (Output | number)[]; control: string[]; flags?: Record<string, boolean> },
): string {
  const inputs = use.inputs.map((input) =>
    typeof input === "number" ? graph.float32(input) : input,
  );
  const flags = { use_locking: false, ...use.flags };
  const attrs = Object.fromEntries(Object.entries(flags).map(([name, bool]) => [name, { bool }]));
  return graph.op(op, inputs, {
    attrs: { T: { type: DType.float32 }, ...attrs },
    control: use.control,
  });
}

/** A float32 op on scalars. */
export function scalarOp(graph: GraphBuilder, op: string, inputs: (Output | number)[]): Output {
  const values = inputs.map((input) => (typeof input === "number" ? graph.float32(input) : input));
  return graph.op(op, values, {
    attrs: { T: { type: DType.float32 } },
    shapes: [[]],
    dtypes: [DType.float32],
  });
}
