/** Runs compiled steps and keeps the model's variables in tfjs and in the session in step. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType } from "../../engine";
import type { GraphError, HostTensor, Output } from "../../graph";
import type { CompiledModel, SessionVariable } from "./compile";
import { drawKeys, isRefusedByXla, loopFeeds, rowsOf, withDtype } from "./loopFeeds";
import { LEARNING_RATE } from "./traceStep";
import { assignHost, feedsOf } from "./variables";

/** Bytes of variables that go to the session in one run. */
const PUSHED_AT_ONCE = 2 ** 24;

/** A compiled model that runs. Dispose it, or its variables stay until the process ends. */
export class CompiledSteps {
  /** For each variable, the tfjs data that the session's value was last equal to. */
  private readonly known = new Map<string, object>();
  /** Variables that the session has changed since. */
  private readonly changed = new Set<string>();
  /** How many batches are staged, by the step's name and the slot. */
  private readonly staged = new Map<string, number>();
  /** Loops that XLA could not compile. */
  private readonly withoutXla = new Map<string, GraphError>();
  private readonly learningRateFeed = new Float32Array(1);

  constructor(private readonly model: CompiledModel) {}

  /**
   * Runs one step.
   *
   * @param name The step's name.
   * @param inputs The batch's tensors; they stay the caller's.
   * @param options.learningRate For a step that trains. 0 by default.
   * @returns The step's results.
   */
  async run(
    name: string,
    inputs: Tensor[],
    options: { learningRate?: number } = {},
  ): Promise<HostTensor[]> {
    const { pooled, steps } = this.model;
    const step = steps.get(name)!;
    const fed = feedsOf(step.feeds.map((feed, i) => [feed, inputs[i]!]));
    const feeds = fed.values;
    if (step.target !== undefined) {
      this.learningRateFeed[0] = options.learningRate ?? 0;
      feeds[LEARNING_RATE] = { dtype: DType.float32, shape: [], data: this.learningRateFeed };
    }
    if (step.keys.length > 0) {
      const keys = Int32Array.from(step.keys.flatMap((source) => source.next()));
      feeds[step.keysFeed] = { dtype: DType.int32, shape: [step.keys.length, 2], data: keys };
    }
    const targets = step.target === undefined ? [] : [step.target];
    try {
      const results = await pooled.session.run(feeds, { fetches: step.fetches, targets });
      for (const variable of step.changes) this.changed.add(variable);
      return results;
    } finally {
      fed.end();
    }
  }

  /**
   * Runs several steps in one call, each on the weights of the one before.
   *
   * @param name The name of a step that a loop was compiled for.
   * @param feeds The batches of all steps, one tensor for each input, [steps, batch, …], in the dtype in which the
   *   loop keeps it; for a loop over resident examples their indices, int32 [steps, batch].
   * @param options.learningRate For steps that train: one for all, or one for each. 0 by default.
   * @param options.turns How many steps, for a loop that is counted. As many as there are batches by default.
   * @param options.slot For a loop over staged batches: which; `feeds` is empty then.
   * @returns Each step's results.
   */
  async runMany(
    name: string,
    feeds: HostTensor[],
    options: { learningRate?: number | readonly number[]; turns?: number; slot?: 0 | 1 } = {},
  ): Promise<number[][]> {
    const { pooled, steps, loops } = this.model;
    const loop = loops.get(name)!;
    const step = steps.get(name)!;
    const { slot = 0, learningRate = 0 } = options;
    const batches = feeds[0]?.shape[0] ?? this.staged.get(`${name} ${slot}`)!;
    const { turns = batches } = options;
    const keys = drawKeys(step.keys, { batches, turns });
    const call = loop.calls[slot]!;
    const run = async (fetch: Output) => {
      const xla = fetch === call.xla;
      const values = loopFeeds(loop, { feeds, keys, batches, turns, xla, learningRate });
      const [results] = await pooled.session.run(values, { fetches: [fetch] });
      for (const variable of step.changes) this.changed.add(variable);
      return rowsOf(results!).slice(0, turns);
    };
    if (call.xla === undefined || this.withoutXla.has(name)) return run(call.plain);
    try {
      return await run(call.xla);
    } catch (error) {
      if (!isRefusedByXla(error)) throw error;
      this.withoutXla.set(name, error);
      return run(call.plain);
    }
  }

  /**
   * Gives a loop what it keeps in the session: all examples, or the batches of one of two calls.
   *
   * The batches of the one call may be given while the other runs.
   *
   * @param name The step's name.
   * @param values One tensor for each input, in the dtype in which the loop keeps it.
   * @param slot Which call's batches. The first's by default.
   */
  async stage(name: string, values: HostTensor[], slot: 0 | 1 = 0): Promise<void> {
    const kept = this.model.loops.get(name)!.kept[slot]!;
    const feeds = kept.map(({ feed, dtype }, i) => [feed, withDtype(values[i]!, dtype)] as const);
    const targets = kept.map(({ assign }) => assign);
    await this.model.pooled.session.run(Object.fromEntries(feeds), { targets });
    this.staged.set(`${name} ${slot}`, values[0]!.shape[0]!);
  }

  /** Why XLA could not compile the loop over a step; undefined as long as nothing is known against it. */
  refusalByXla(name: string): GraphError | undefined {
    return this.withoutXla.get(name);
  }

  /**
   * Gives the session the values that tfjs' variables have, where they differ.
   *
   * In parts: the copies that lead from tfjs to the session are freed after each.
   */
  async push(): Promise<void> {
    let part: SessionVariable[] = [];
    let bytes = 0;
    for (const [name, entry] of this.model.variables) {
      const { variable } = entry;
      if (this.known.get(name) === variable.dataId) continue;
      part.push(entry);
      bytes += 4 * variable.size;
      this.known.set(name, variable.dataId);
      this.changed.delete(name);
      if (bytes >= PUSHED_AT_ONCE) {
        await this.set(part);
        part = [];
        bytes = 0;
      }
    }
    await this.set(part);
  }

  private async set(variables: SessionVariable[]): Promise<void> {
    if (variables.length === 0) return;
    const fed = feedsOf(variables.map(({ feed, variable }) => [feed, variable]));
    try {
      const targets = variables.map(({ assign }) => assign);
      await this.model.pooled.session.run(fed.values, { targets });
    } finally {
      fed.end();
    }
  }

  /** Gives tfjs' variables the values that the session has, where steps changed them. */
  async pull(): Promise<void> {
    if (this.changed.size === 0) return;
    const names = [...this.changed];
    const entries = names.map((name) => this.model.variables.get(name)!);
    const values = await this.model.pooled.session.run(
      {},
      { fetches: entries.map(({ read }) => read) },
    );
    entries.forEach(({ variable }, i) => {
      assignHost(variable, values[i]!);
      this.known.set(names[i]!, variable.dataId);
    });
    this.changed.clear();
  }

  /** Frees the session's variables. The tfjs model keeps the values of the last `pull`. */
  dispose(): void {
    this.model.pooled.release();
  }
}
