/** One trace of a step. */
import { NotCompilableError, type Recorder, type TracedFunction } from "../graph";
import { addIterations, keepingIterations, learningRateOf, tf } from "../tfjs";
import { standInRate } from "./optimizers";
import type { StepRequest, TrainedBy } from "./stepRequest";
import { traceAlone } from "./traceAlone";

/** The feed for the learning rate. */
export const LEARNING_RATE = "learning_rate";

/**
 * Two learning rates that nothing else in a step equals, for the optimizer of a step; any two where it has none.
 *
 * They are hardly larger than the rate of now: a user's optimizer may ask how large it is.
 */
export function standInRates({ optimizer }: StepRequest): readonly [number, number] {
  const rate = (optimizer && learningRateOf(optimizer.optimizer)) || 0.001;
  return [rate * 1.00012345, rate * 1.00045678];
}

/** How a step is traced once. */
export interface TraceUse {
  /** Examples in the batch. */
  size: number;
  /** What stands for the learning rate. @default the first of `standInRates` */
  rate?: number;
  /** Factors by which the optimizer multiplies the rate. @default none */
  factors?: readonly number[];
  /** Steps to count beforehand. @default 0 */
  later?: number;
}

/**
 * Traces a step once; every variable, field and count is as before after it.
 *
 * @throws NotCompilableError when the step can't be traced, whatever it threw, and when it would be another one the
 *   next time: a call changes a field, or asks for chance or the time.
 */
export function traceOnce(request: StepRequest, use: TraceUse): TracedFunction {
  const trained = request.optimizer;
  const { rate = standInRates(request)[0], factors } = use;
  const hasRate = trained !== undefined && learningRateOf(trained.optimizer) !== undefined;
  const tensors = request.inputs.map(({ shape, dtype }) => tf.zeros([use.size, ...shape], dtype));
  try {
    return traceAlone(
      ({ recorder }) => {
        const run = () => request.run(tensors);
        if (trained === undefined) return run();
        return withOptimizer(trained, { recorder, rate, later: use.later ?? 0 }, run);
      },
      {
        inputs: Object.fromEntries(tensors.map((tensor, i) => [inputName(i), tensor])),
        parameters: hasRate ? { [LEARNING_RATE]: rate } : {},
        factors,
        source: request.source,
      },
    );
  } finally {
    tf.dispose(tensors);
  }
}

/** Runs a step with a learning rate that the trace recognises, and with fused updates left to the graph. */
function withOptimizer<T>(
  { optimizer, fused }: TrainedBy,
  { recorder, rate, later }: { recorder: Recorder; rate: number; later: number },
  fn: () => T,
): T {
  const hasRate = learningRateOf(optimizer) !== undefined;
  const restoreRate = standInRate(optimizer, rate);
  const stop = fused?.intercept(({ name, index }, gradient) =>
    recorder.mark(`${index} ${name}`, gradient),
  );
  try {
    const result = keepingIterations(optimizer, () => {
      if (later > 0) addIterations(optimizer, later);
      return fn();
    });
    if (hasRate && learningRateOf(optimizer) !== rate) {
      throw new NotCompilableError("each step changes the optimizer's learning rate");
    }
    return result;
  } finally {
    stop?.();
    restoreRate();
  }
}

/** What the trace calls an input. */
export function inputName(index: number): string {
  return `input ${index}`;
}
