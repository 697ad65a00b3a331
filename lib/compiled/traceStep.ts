/** Traces one step of a model: what it takes, who trains it, and its ops for every batch size. */
import { setImmediate as pause } from "node:timers/promises";
import type { Optimizer, Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type GeneralTrace,
  generalize,
  type Recorder,
  TRACED_SIZES,
  type TracedFunction,
  trace,
} from "../graph";
import { keepingIterations, learningRateOf, setLearningRateOf, tf } from "../tfjs";
import type { FusedOptimizer } from "./fusedOptimizer";
import { withVariablesRestored } from "./variables";

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
  /** True packs the results, all scalars, into one vector: one fetch instead of many. */
  scalars: boolean;
  /** For a step that trains. */
  optimizer?: TrainedBy;
}

/** The optimizer of a step that trains. */
export interface TrainedBy {
  optimizer: Optimizer;
  /** Undefined traces the optimizer's own formulas. */
  fused: FusedOptimizer | undefined;
}

/** The feed for the learning rate. */
export const LEARNING_RATE = "learning_rate";

/** A learning rate that nothing else in a step equals. */
const LEARNING_RATE_SENTINEL = 0.001234567089;

/**
 * Traces a step, in parts between which the event loop turns.
 *
 * @throws NotCompilableError when the step can't become a graph.
 */
export async function traceStep(request: StepRequest): Promise<GeneralTrace> {
  const first = traceOnce(request, TRACED_SIZES[0]);
  await pause();
  const second = traceOnce(request, TRACED_SIZES[1]);
  await pause();
  return generalize(first, second);
}

function traceOnce(request: StepRequest, size: number): TracedFunction {
  const trained = request.optimizer;
  const tensors = request.inputs.map(({ shape, dtype }) => tf.zeros([size, ...shape], dtype));
  const inputs = Object.fromEntries(tensors.map((tensor, i) => [inputName(i), tensor]));
  try {
    return withVariablesRestored(() =>
      trace(
        (recorder) => {
          if (trained === undefined) return request.run(tensors);
          return withOptimizer(trained, recorder, () => request.run(tensors));
        },
        {
          inputs,
          parameters: trained === undefined ? {} : { [LEARNING_RATE]: LEARNING_RATE_SENTINEL },
        },
      ),
    );
  } finally {
    tf.dispose(tensors);
  }
}

/** Runs a step with a learning rate that the trace recognises, and with fused updates left to the graph. */
function withOptimizer<T>({ optimizer, fused }: TrainedBy, recorder: Recorder, fn: () => T): T {
  const learningRate = learningRateOf(optimizer)!;
  setLearningRateOf(optimizer, LEARNING_RATE_SENTINEL);
  const stop = fused?.intercept(({ name, index }, gradient) =>
    recorder.mark(`${index} ${name}`, gradient),
  );
  try {
    return keepingIterations(optimizer, fn);
  } finally {
    stop?.();
    setLearningRateOf(optimizer, learningRate);
  }
}

/** What the trace calls an input. */
export function inputName(index: number): string {
  return `input ${index}`;
}
