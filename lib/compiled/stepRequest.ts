/** What is to be compiled. */
import type { Optimizer, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { FusedOptimizer } from "./fusedOptimizer";
import type { StepSource } from "./userCode";

/** What a step takes: one entry for each tensor of a batch, without the batch dimension. */
export interface TensorSpec {
  shape: readonly number[];
  dtype: Tensor["dtype"];
  /** TensorFlow's number of the dtype that a batch has, which may be uint8. @default that of `dtype` */
  fed?: number;
}

/** A synchronous step of tfjs: tensors of a batch in, results out. */
type StepFunction = (inputs: Tensor[]) => Tensor[];

/** One step to compile. */
export interface StepRequest {
  name: string;
  run: StepFunction;
  inputs: TensorSpec[];
  /** Examples in the batch at hand. */
  size: number;
  /** True packs the results, scalars and vectors, into one vector: one fetch instead of many. */
  packed: boolean;
  /** What the step is made of in JavaScript. */
  source: StepSource;
  /** For a step that trains. */
  optimizer?: TrainedBy;
  /** Whether the shapes of the inputs are whole, without a batch dimension before them. @default false */
  isWhole?: boolean;
  /** Parameters of the trace whose values come as further inputs, behind the others. @default none */
  parameters?: readonly string[];
}

/** The optimizer of a step that trains. */
export interface TrainedBy {
  optimizer: Optimizer;
  /** Undefined traces the optimizer's own formulas. */
  fused: FusedOptimizer | undefined;
}
