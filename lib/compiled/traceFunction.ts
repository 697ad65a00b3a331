/** Traces a function of tensors: all its ops, for tensors of just the shapes at hand. */
import { setImmediate as pause } from "node:timers/promises";
import type { Optimizer, Tensor } from "@tensorflow/tfjs-node-gpu";
import { withoutProgress } from "../engine";
import { factorsBetween, fixed, NotCompilableError, type TracedFunction } from "../graph";
import { KerasOptimizer } from "../optimizers";
import {
  addIterations,
  type Draw,
  keepingIterations,
  learningRateOf,
  listenToDraws,
  onNewVariable,
  tf,
} from "../tfjs";
import { type Form, sameForm } from "./leaves";
import { drawingInTensorFlow } from "./nativeRandom";
import { standInRate } from "./optimizers";
import type { TensorSpec } from "./stepRequest";
import { traceAlone } from "./traceAlone";
import { inputName, LEARNING_RATE } from "./traceOnce";
import type { TracedStep } from "./traceStep";
import { refuseForeign, watchUse } from "./use";
import type { StepSource } from "./userCode";

/** What a function gives: tensors of its own, and their places. */
export interface Returned {
  form: Form;
  tensors: Tensor[];
}

/** What is traced, and what it is known to follow from. */
export interface FunctionSource {
  /** Calls the function on tensors in the places of the arguments', within a tidy. */
  call(tensors: Tensor[]): Returned;
  inputs: TensorSpec[];
  source: StepSource;
  /** The optimizers that it uses, and how many steps each makes in a call. */
  optimizers: ReadonlyMap<Optimizer, number>;
}

/** A random tensor that each run of a function needs anew. */
export interface TracedDraw extends TensorSpec {
  draw: Draw;
}

/** A function as traced. */
export interface TracedCall extends TracedStep {
  /** What it gives, without the tensors. */
  result: Form;
  draws: TracedDraw[];
}

/** The parameter for an optimizer's learning rate. */
export function rateName(index: number): string {
  return `${LEARNING_RATE}_${index}`;
}

/**
 * Traces a function, in parts between which the event loop turns.
 *
 * Twice, with other learning rates and as if steps had been made between: that tells whether it is the same each time.
 *
 * @throws NotCompilableError when it can't become a graph that does the same.
 */
export async function traceFunction(source: FunctionSource): Promise<TracedCall> {
  const optimizers = [...source.optimizers.keys()];
  refuseForeign("takes", source.inputs);
  refuseMovingRates(source.optimizers);
  const rates = optimizers.map(standInRates);
  const first = traceWith(source, { rates: rates.map(([rate]) => rate), later: 0, factors: [] });
  await pause();
  const second = traceWith(source, { rates: rates.map(([, rate]) => rate), later: 1, factors: [] });
  await pause();
  const factors = factorsBetween(first.trace, second.trace, rates);
  const difference = otherThanOps(first, second);
  if (difference !== undefined) {
    throw new NotCompilableError(`it is another one each time it is called: ${difference}`);
  }
  const traced = factors.length === 0 ? first : traceWith(source, { ...usual(source), factors });
  const { trace, result, draws } = traced;
  return { general: fixed(trace), size: 0, asOf: { trace, size: 0 }, factors, result, draws };
}

/** What a function does otherwise than when it was traced; undefined when it still does the same. */
export function traceAgain(source: FunctionSource, factors: readonly number[]): OneTrace {
  return traceWith(source, { ...usual(source), factors });
}

/** One trace of a function. */
export interface OneTrace {
  trace: TracedFunction;
  result: Form;
  draws: TracedDraw[];
}

/** Where two traces differ in what isn't in their ops. */
export function otherThanOps(
  a: Pick<OneTrace, "result" | "draws">,
  b: Pick<OneTrace, "result" | "draws">,
): string | undefined {
  if (!sameForm(a.result, b.result)) return "it returns other values";
  const texts = ({ draws }: typeof a) => draws.map(({ draw }) => draw.text).join("\n");
  return texts(a) === texts(b) ? undefined : "it draws other random numbers";
}

interface TraceUse {
  /** What stands for each optimizer's learning rate. */
  rates: readonly number[];
  /** Steps to count beforehand. */
  later: number;
  factors: readonly number[];
}

function usual({ optimizers }: FunctionSource): Omit<TraceUse, "factors"> {
  return { rates: [...optimizers.keys()].map((each, i) => standInRates(each, i)[0]), later: 0 };
}

/** Two rates for each optimizer that nothing else equals, hardly larger than the rate of now. */
function standInRates(optimizer: Optimizer, index: number): readonly [number, number] {
  const rate = learningRateOf(optimizer) || 0.001;
  return [rate * (1.00012345 + 0.0011 * index), rate * (1.00045678 + 0.0011 * index)];
}

function traceWith(
  { call, inputs, source, optimizers }: FunctionSource,
  { rates, later, factors }: TraceUse,
): OneTrace {
  const list = [...optimizers.keys()];
  const parameters = Object.fromEntries(
    list.flatMap((each, i) =>
      learningRateOf(each) === undefined ? [] : [[rateName(i), rates[i]!]],
    ),
  );
  const tensors = inputs.map(({ shape, dtype }) => tf.zeros([...shape], dtype));
  const draws: TracedDraw[] = [];
  let result: Form | undefined;
  try {
    const trace = traceAlone(
      ({ recorder, unwatched }) => {
        const stopDraws = listenToDraws((draw) => {
          const drawn = unwatched(() => withoutProgress(() => draw.make()));
          recorder.input(inputName(inputs.length + draws.length), drawn);
          draws.push({ shape: drawn.shape, dtype: drawn.dtype, draw });
          return drawn;
        });
        const stopVariables = onNewVariable((variable) => {
          variable.dispose();
          throw new NotCompilableError("each call makes variables", { hint: MAKE_BEFORE });
        });
        const use = watchUse(optimizers);
        try {
          const returned = withRates(list, { rates, later }, () => callOwning(() => call(tensors)));
          try {
            use.check();
            refuseForeign("returns", returned.tensors);
          } catch (error) {
            tf.dispose(returned.tensors);
            throw error;
          }
          result = returned.form;
          return returned.tensors;
        } finally {
          use.stop();
          stopVariables();
          stopDraws();
        }
      },
      {
        inputs: Object.fromEntries(tensors.map((tensor, i) => [inputName(i), tensor])),
        parameters,
        factors,
        source,
      },
    );
    return { trace, result: result!, draws };
  } finally {
    tf.dispose(tensors);
  }
}

const MAKE_BEFORE = "Make them once, outside of the function.";

/** Calls a function; the tensors are the caller's, also where it returns what it was given, or a variable. */
export function callOwning(call: () => Returned): Returned {
  let form: Form | undefined;
  const tensors = drawingInTensorFlow(() =>
    tf.tidy(() => {
      const returned = call();
      form = returned.form;
      return returned.tensors.map((tensor) => tf.clone(tensor));
    }),
  );
  return { form: form!, tensors };
}

/** Runs code in which each optimizer has another learning rate, and forgets the steps that they count. */
function withRates<T>(
  optimizers: readonly Optimizer[],
  { rates, later }: Pick<TraceUse, "rates" | "later">,
  run: () => T,
): T {
  const within = optimizers.reduceRight<() => T>(
    (inner, optimizer, i) => () =>
      keepingIterations(optimizer, () => {
        const putBack = standInRate(optimizer, rates[i]!);
        try {
          if (later > 0) addIterations(optimizer, later);
          const result = inner();
          const rate = learningRateOf(optimizer);
          if (rate !== undefined && rate !== rates[i]) {
            throw new NotCompilableError("each call changes an optimizer's learning rate");
          }
          return result;
        } finally {
          putBack();
        }
      }),
    run,
  );
  return within();
}

/** A graph has one rate for all steps that an optimizer makes in a call. */
function refuseMovingRates(optimizers: ReadonlyMap<Optimizer, number>): void {
  for (const [optimizer, steps] of optimizers) {
    const schedule = optimizer instanceof KerasOptimizer ? optimizer.rate.schedule : undefined;
    if (steps < 2 || schedule === undefined) continue;
    throw new NotCompilableError(
      `an optimizer whose rate follows ${schedule.constructor.name} makes ${steps} steps in a call`,
      { hint: "Let a call make one step of it, or give it a number as `learningRate`." },
    );
  }
}
