/** Traces one step of a model: its ops for every batch size, or for one. */
import { setImmediate as pause } from "node:timers/promises";
import {
  differenceOf,
  disagreement,
  factorsBetween,
  fixed,
  type GeneralTrace,
  generalize,
  NotCompilableError,
  TRACED_SIZES,
  type TracedFunction,
} from "../graph";
import type { StepRequest } from "./stepRequest";
import { standInRates, traceOnce } from "./traceOnce";

/** A step as traced. */
export interface TracedStep {
  /** What becomes the graph. */
  general: GeneralTrace;
  /** The one batch size that it is for; undefined where it is for all. */
  size: number | undefined;
  /** The step with code of the user's own as it was at the batch size at hand, to be compared with later. */
  asOf: { trace: TracedFunction; size: number } | undefined;
  /** Factors by which the optimizer multiplies its rate in JavaScript. */
  factors: readonly number[];
}

/**
 * Traces a step, in parts between which the event loop turns.
 *
 * Code that is known is traced at two sizes, whose rules hold for all. What users wrote may do anything: it is traced
 * twice at the size of the batch at hand, which tells whether it does the same each time, and the rules are held
 * against that. Where there are none, the graph is for batches of that size alone.
 *
 * @throws NotCompilableError when the step can't become a graph that does the same.
 */
export async function traceStep(request: StepRequest): Promise<TracedStep> {
  let refusal: unknown;
  if (!request.source.hasUserCode) {
    try {
      const general = await traceForAllSizes(request, []);
      return { general, size: undefined, asOf: undefined, factors: [] };
    } catch (error) {
      refusal = error;
    }
  }
  try {
    return await traceAtSize(request);
  } catch (error) {
    // What a size of our own choosing caused says nothing to the user.
    const isOfOurs = !(refusal instanceof NotCompilableError) || refusal.cause !== undefined;
    throw isOfOurs ? error : refusal;
  }
}

async function traceAtSize(request: StepRequest): Promise<TracedStep> {
  const { size } = request;
  const first = traceOnce(request, { size });
  await pause();
  const rates = standInRates(request);
  const second = traceOnce(request, { size, rate: rates[1], later: 1 });
  await pause();
  const factors = factorsBetween(first, second, [rates]);
  await pause();
  const trace = factors.length === 0 ? first : traceOnce(request, { size, factors });
  const asOf = { trace, size };
  try {
    const general = await traceForAllSizes(request, factors);
    await pause();
    if (disagreement(general, trace, size) === undefined) {
      return { general, size: undefined, asOf, factors };
    }
  } catch {
    // No rule: a size that the user never gave may be one that the step can't have.
  }
  return { general: fixed(trace), size, asOf, factors };
}

async function traceForAllSizes(
  request: StepRequest,
  factors: readonly number[],
): Promise<GeneralTrace> {
  const first = traceOnce(request, { size: TRACED_SIZES[0], factors });
  await pause();
  const second = traceOnce(request, { size: TRACED_SIZES[1], factors });
  await pause();
  return generalize(first, second);
}

/**
 * What a step does otherwise than when it was traced; undefined when it still does the same.
 *
 * @throws NotCompilableError when it can't be traced any more.
 */
export function changeOf(request: StepRequest, { asOf, factors }: TracedStep): string | undefined {
  if (asOf === undefined) return undefined;
  return differenceOf(asOf.trace, traceOnce(request, { size: asOf.size, factors }));
}

/** Whether a step's rules for all batch sizes hold for one that hasn't been looked at. */
export function holdsAt(request: StepRequest, step: TracedStep, size: number): boolean {
  if (step.asOf === undefined) return true;
  try {
    const trace = traceOnce(request, { size, factors: step.factors });
    return disagreement(step.general, trace, size) === undefined;
  } catch {
    return false; // its own trace will tell why
  }
}
