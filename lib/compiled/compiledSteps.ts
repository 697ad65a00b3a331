/** Runs compiled steps and keeps the model's variables in tfjs and in the session in step. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { WorkerGroup } from "../distributed";
import {
  borrowTensor,
  type Call,
  type HostArray,
  type HostTensor,
  type PooledSession,
  type Runs,
} from "../graph";
import { tf } from "../tfjs";
import type { CompiledStep } from "./addStep";
import type { CompiledModel, SessionVariable } from "./compile";
import { LoopCall, type LoopStep } from "./loopCall";
import { assignHost } from "./variables";

/** Bytes of variables that go to the session in one run. */
const PUSHED_AT_ONCE = 2 ** 24;

/** A step that is ready to be called. */
interface ReadyStep {
  step: CompiledStep;
  call: Call;
  /** What XLA runs; made with the first batch. */
  loop?: LoopCall;
}

/** Workers draw from seeds that lie so far apart. */
const SEED_OF_WORKER = 0x9e3779b1;

/** What a step takes; its random keys are drawn, for each worker and device others. */
function fedTo(
  { keys, keysFeeds }: CompiledStep,
  inputs: readonly HostTensor[],
  { rate = 0, rank }: { rate: number | undefined; rank: number },
): LoopStep {
  if (keys.length === 0) return { inputs, rate, keys: [] };
  const drawn = keys.map((source) => source.next());
  const drawnFor = (device: number) => {
    const apart = Math.imul(rank + device, SEED_OF_WORKER);
    return Int32Array.from(drawn.flatMap(([seed, count]) => [seed + apart, count]));
  };
  return { inputs, rate, keys: keysFeeds.map((_, device) => drawnFor(device)) };
}

/** The same in the order of the step's call. */
function valuesOf({ learningRate }: CompiledStep, { inputs, rate, keys }: LoopStep): HostArray[] {
  const rates = learningRate === undefined ? [] : [Float32Array.of(rate)];
  return [...inputs.map(({ data }) => data), ...rates, ...keys];
}

/** Hears what XLA does with a step. */
export interface LoopListener {
  /** It has compiled so many steps a call, in so long. */
  compiled(steps: number, ms: number): void;
  /** It could not; the plain graph goes on. */
  refused(reason: Error): void;
}

/** Runs steps through XLA; undefined where it can't, which it isn't asked again. Then nothing has been trained. */
async function runLoop(
  { step, loop }: ReadyStep,
  fed: readonly LoopStep[],
  listener: LoopListener | undefined,
): Promise<Runs | undefined> {
  try {
    const runs = await loop!.run(fed);
    const compiled = loop!.takeCompiled();
    if (compiled !== undefined) listener?.compiled(compiled.steps, compiled.ms);
    return runs;
  } catch (error) {
    step.loop = undefined;
    listener?.refused(error as Error);
    return undefined;
  }
}

/** What a variable of the session shall be. */
interface NewValue {
  entry: SessionVariable;
  value: Tensor;
}

/** A compiled model that runs. Dispose it, or its variables stay until the process ends. */
export class CompiledSteps {
  /** For each variable, the tfjs data that the session's value was last equal to. */
  private readonly known = new Map<string, object>();
  /** Variables that the session has changed since. */
  private readonly changed = new Set<string>();
  private readonly ready = new Map<string, ReadyStep>();
  private readonly stopListening: (() => void) | undefined;

  private constructor(
    private readonly model: CompiledModel,
    private readonly pooled: PooledSession,
    private readonly group: WorkerGroup | undefined,
  ) {
    this.stopListening = group?.onEnd(() => pooled.session.abort());
  }

  /** @throws GraphError when TensorFlow refuses the graph. */
  static async open(model: CompiledModel, group?: WorkerGroup): Promise<CompiledSteps> {
    return new CompiledSteps(model, await model.graph.open(), group);
  }

  /**
   * Runs one step.
   *
   * @param name The step's name.
   * @param inputs The batch, in the order of the step's inputs; it is read while the step runs.
   * @returns The step's results.
   */
  async run(name: string, inputs: readonly HostTensor[]): Promise<HostTensor[]> {
    const { results, failure } = await this.runEach(name, [inputs]);
    if (failure !== undefined) throw failure;
    return results[0]!;
  }

  /**
   * Runs a step several times in one call, each on the weights of the one before.
   *
   * @param name The step's name.
   * @param batches What `run` takes, for each time; all are read until the promise settles.
   * @param options.learningRates One for each time, for a step that trains. 0 by default.
   * @param options.plainly Whether without XLA. False by default.
   * @param options.listener Hears what XLA does. Nobody by default.
   * @returns What came of all or, where XLA runs them, of as many of the first as are of one size.
   */
  async runEach(
    name: string,
    batches: readonly (readonly HostTensor[])[],
    options: {
      learningRates?: readonly (number | undefined)[];
      plainly?: boolean;
      listener?: LoopListener;
    } = {},
  ): Promise<Runs> {
    const { learningRates = [], plainly = false, listener } = options;
    const rank = this.group?.rank ?? 0;
    const ready = this.ready.get(name) ?? this.prepare(name);
    const { step, call } = ready;
    const loop = this.loopOf(ready, batches[0]!);
    const isLooped = !plainly && loop?.fits(batches[0]!) === true;
    const fed = batches
      .slice(0, isLooped ? loop!.fitting(batches) : undefined)
      .map((inputs, i) => fedTo(step, inputs, { rate: learningRates[i], rank }));
    const looped = isLooped ? await runLoop(ready, fed, listener) : undefined;
    const runs = looped ?? (await call.runEach(fed.map((each) => valuesOf(step, each))));
    for (const variable of step.changes) this.changed.add(variable);
    return runs;
  }

  /** The loop of a step that XLA runs, for batches as large as the first. */
  private loopOf(ready: ReadyStep, first: readonly HostTensor[]): LoopCall | undefined {
    if (ready.step.loop === undefined) return undefined;
    ready.loop ??= new LoopCall(this.pooled.session, ready.step.loop, first[0]!.shape[0]!);
    return ready.loop;
  }

  private prepare(name: string): ReadyStep {
    const { steps } = this.model;
    const step = steps.get(name)!;
    const { inputs, learningRate, keys, keysFeeds, fetches, target } = step;
    const feeds = [
      ...inputs,
      ...(learningRate === undefined ? [] : [learningRate]),
      ...(keys.length === 0 ? [] : keysFeeds),
    ];
    const targets = target === undefined ? [] : [target];
    const ready: ReadyStep = {
      step,
      call: this.pooled.session.prepare(feeds, { fetches, targets }),
    };
    this.ready.set(name, ready);
    return ready;
  }

  /**
   * Gives the session the values that tfjs' variables have, where they differ.
   *
   * All as they are now, before the first `await`, whatever a training that ends an epoch does to them meanwhile. In
   * parts: the copies that lead from tfjs to the session are freed after each.
   */
  async push(): Promise<void> {
    const parts = this.takeNewValues();
    try {
      for (const part of parts) await this.set(part);
      const { refresh } = this.model;
      if (parts.length > 0 && refresh !== undefined) {
        await this.pooled.session.run({}, { targets: [refresh] });
      }
    } finally {
      for (const { value, entry } of parts.flat()) if (value !== entry.variable) value.dispose();
    }
  }

  private takeNewValues(): NewValue[][] {
    const parts: NewValue[][] = [];
    let room = 0;
    for (const [name, entry] of this.model.variables) {
      const { variable } = entry;
      if (this.known.get(name) === variable.dataId) continue;
      if (room <= 0) {
        parts.push([]);
        room = PUSHED_AT_ONCE;
      }
      room -= 4 * variable.size;
      // The first part is read at once; for the others, a clone shares the data and keeps it from being freed.
      const value = parts.length === 1 ? variable : tf.clone(variable);
      parts.at(-1)!.push({ entry, value });
      this.known.set(name, variable.dataId);
      this.changed.delete(name);
    }
    return parts;
  }

  private async set(values: readonly NewValue[]): Promise<void> {
    const borrowed = values.map(({ value }) => borrowTensor(value));
    try {
      const feeds = Object.fromEntries(
        values.map(({ entry }, i) => [entry.feed, borrowed[i]!.host]),
      );
      const targets = values.map(({ entry }) => entry.assign);
      await this.pooled.session.run(feeds, { targets });
    } finally {
      for (const { end } of borrowed) end();
    }
  }

  /** Gives the sessions of all workers the chief's variables; each has pushed its own before. */
  async broadcast(): Promise<void> {
    const { broadcast, refresh, variables, steps } = this.model;
    if (broadcast === undefined) return;
    await this.pooled.session.run({}, { targets: [broadcast] });
    if (refresh !== undefined) await this.pooled.session.run({}, { targets: [refresh] });
    if (this.group!.isChief) return;
    // What only evaluates or predicts leaves the model as it is.
    if (steps.has("train")) for (const name of variables.keys()) this.changed.add(name);
    else this.known.clear();
  }

  /** Gives tfjs' variables the values that the session has, where steps changed them. */
  async pull(): Promise<void> {
    if (this.changed.size === 0) return;
    const names = [...this.changed];
    const entries = names.map((name) => this.model.variables.get(name)!);
    const values = await this.pooled.session.run({}, { fetches: entries.map(({ read }) => read) });
    entries.forEach(({ variable }, i) => {
      assignHost(variable, values[i]!);
      this.known.set(names[i]!, variable.dataId);
    });
    this.changed.clear();
  }

  /** Frees the session's variables. The tfjs model keeps the values of the last `pull`. */
  dispose(): void {
    this.stopListening?.();
    this.pooled.release();
  }
}
