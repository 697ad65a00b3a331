/** A trace that leaves nothing behind: what every trace of a step or of a function is made by. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  NotCompilableError,
  type Recorder,
  type TracedFunction,
  type TraceOptions,
  trace,
} from "../graph";
import { leavingNoTape } from "../tfjs";
import { changedVariables, closedOver } from "./closures";
import { Fields } from "./fields";
import type { StepSource } from "./userCode";
import { withVariablesRestored } from "./variables";

/** What code has while it is traced. */
export interface Traced {
  recorder: Recorder;
  /** Does what may ask for chance or the time, since it is done again for each run of the graph. */
  unwatched<T>(work: () => T): T;
}

/**
 * Traces code once; every variable, field and count is as before after it.
 *
 * @param run The code; it returns tensors that are its own, which the trace disposes.
 * @param options As `trace` has them, and what the code follows from.
 * @throws NotCompilableError when it can't be traced, whatever it threw, and when it would be another one the next
 *   time: a call changes a field, or asks for chance or the time.
 */
export function traceAlone(
  run: (traced: Traced) => Tensor[],
  { source, ...options }: TraceOptions & { source: StepSource },
): TracedFunction {
  const fields = new Fields(source.watched);
  const variables = closedOver(source.functions);
  const chance = watchChance();
  try {
    const traced = withVariablesRestored(() =>
      trace(
        (recorder) => leavingNoTape(() => run({ recorder, unwatched: chance.unwatched })),
        options,
      ),
    );
    const now = closedOver(source.functions);
    const changed = [
      ...fields.changed(),
      ...changedVariables({ before: variables, now }, { isOnceFree: true }),
    ];
    if (changed.length > 0) {
      throw changesEachTime(changed);
    }
    if (chance.asked !== undefined) {
      throw new NotCompilableError(`the step asks ${chance.asked}`, { hint: RANDOM });
    }
    return traced;
  } catch (error) {
    if (error instanceof NotCompilableError) throw error;
    const { message } = error as Error;
    throw new NotCompilableError(`the step can't be traced (${message})`, { cause: error });
  } finally {
    chance.stop();
    fields.restore();
  }
}

const KEEP_STATE =
  "Keep what changes from step to step in a `tf.variable`: it is part of the graph.";
const RANDOM = "Random layers of convnets draw their numbers in TensorFlow.";

/** Refuses what a call changes in JavaScript. */
export function changesEachTime(names: readonly string[]): NotCompilableError {
  return new NotCompilableError(`each call changes ${inWords(names)}`, { hint: KEEP_STATE });
}

/** At most three names. */
export function inWords(names: readonly string[]): string {
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return names.slice(0, 3).join(", ") + rest;
}

/** Notices when JavaScript's chance or clock is asked. */
function watchChance() {
  const { random } = Math;
  const { now } = Date;
  let asked: string | undefined;
  const stop = () => {
    Math.random = random;
    Date.now = now;
  };
  const start = () => {
    Math.random = () => {
      asked ??= "`Math.random` for a number";
      return random();
    };
    Date.now = () => {
      asked ??= "`Date.now` for the time";
      return now();
    };
  };
  start();
  return {
    get asked() {
      return asked;
    },
    unwatched<T>(work: () => T): T {
      stop();
      try {
        return work();
      } finally {
        start();
      }
    },
    stop,
  };
}
