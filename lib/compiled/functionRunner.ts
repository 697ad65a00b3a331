/** Runs a function of tensors: as a graph where it can be one, eagerly elsewhere. */
import { setImmediate as turn } from "node:timers/promises";
import type { Optimizer, Tensor } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue } from "../errors";
import { NotCompilableError } from "../graph";
import { leavingNoTape, onOptimizerUse, tf, useNativeKernels } from "../tfjs";
import { FunctionGraph } from "./functionGraph";
import type { Kind } from "./functionKind";
import { type Form, putTogether, sameForm, takeApart } from "./leaves";
import { Reach } from "./reach";
import { warnOfEager } from "./runner";
import type { RunnerOptions } from "./step";
import { changesEachTime } from "./traceAlone";
import { callOwning, type FunctionSource, type Returned } from "./traceFunction";
import { Turns } from "./turns";
import { OtherOptimizersError } from "./use";
import { callUsers, checkArgument, refuseNested } from "./values";
import { Worth } from "./worth";

/** A synchronous function of anything. */
export type AnyFunction = (...args: never[]) => unknown;

/** Kinds that are kept; the one that was made first goes first. */
const MOST_KINDS = 32;

const EACH_SHAPE = "Each shape needs a graph of its own, and so does each value that is no tensor.";

const EACH_STATE =
  "Each value of what the function names needs a graph of its own. Compile a function for each that comes again, or give it what changes as a tensor among its arguments.";

/** Runs one function, one call after another. */
export class FunctionRunner {
  /** What the last call ran on; undefined before the first. */
  engine: "graph" | "eager" | undefined;
  private readonly kinds: Kind[] = [];
  private readonly turns = new Turns();
  private readonly worth = new Worth(EACH_SHAPE);
  private isEager: boolean;
  private isDisposed = false;

  constructor(
    private readonly fn: AnyFunction,
    private readonly options: Pick<RunnerOptions, "engine" | "precision">,
  ) {
    this.isEager = options.engine === "eager";
  }

  /** The function in messages. */
  private get title(): string {
    return this.fn.name === ""
      ? "The compiled function"
      : `The function ${describeValue(this.fn.name)}`;
  }

  /**
   * @throws InvalidArgumentError for arguments that a function can't have; ConvnetsError after `dispose`, and within
   *   another compiled function.
   */
  call(args: readonly unknown[]): Promise<unknown> {
    refuseNested(this.title);
    return this.callTop(args);
  }

  private async callTop(args: readonly unknown[]): Promise<unknown> {
    this.refuseDisposed();
    const { form, tensors } = takeApart(args, { name: "arguments", check: checkArgument });
    // The caller may dispose its own before this call's turn, and end a tidy.
    const held = tensors.map((each) =>
      each instanceof tf.Variable ? each : tf.keep(tf.clone(each)),
    );
    try {
      const { form: result, tensors } = await this.turns.take(() => this.callHeld(form, held));
      return putTogether(result, tensors);
    } finally {
      tf.dispose(held.filter((tensor) => !(tensor instanceof tf.Variable)));
    }
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    void this.turns.take(async () => {
      for (const kind of this.kinds) this.drop(kind);
      this.kinds.length = 0;
    });
  }

  private async callHeld(form: Form, tensors: readonly Tensor[]): Promise<Returned> {
    this.refuseDisposed();
    useNativeKernels();
    this.worth.count();
    const kind = this.kinds.find((each) => sameForm(each.form, form));
    if (this.isEager || kind === undefined) return this.callFirst(form, tensors);
    try {
      if (kind.changes.length > 0) return await this.callAgain(kind, tensors);
      const since = kind.compiled?.graph.isAlive === true ? kind.compiled.reach : kind.reach;
      const changed = since?.change();
      if (changed !== undefined && since?.mayMakeOnce()) {
        return await this.callChanged(kind, { tensors, changed });
      }
      const graph = await this.graphOf(kind, changed);
      const returned = await this.runGraph(kind, { graph, tensors });
      this.engine = "graph";
      return returned;
    } catch (error) {
      if (error instanceof OtherOptimizersError && !kind.isAgain) {
        this.drop(kind);
        this.kinds.splice(this.kinds.indexOf(kind), 1);
        return this.callFirst(form, tensors, { isAgain: true });
      }
      if (!(error instanceof NotCompilableError) || this.options.engine === "graph") {
        throw error instanceof OtherOptimizersError ? error.toNotCompilable() : error;
      }
      this.giveUp();
      // What is the user's own mistake fails now, in the user's own terms.
      const { returned } = await this.callEagerly(form, tensors);
      warnOfEager(this.title, error);
      return returned;
    }
  }

  private giveUp(): void {
    for (const each of this.kinds) this.drop(each);
    this.isEager = true;
  }

  /** A first call makes what the function makes once, and tells which optimizers it uses. */
  private async callFirst(
    form: Form,
    tensors: readonly Tensor[],
    { isAgain = false } = {},
  ): Promise<Returned> {
    const { returned, ...made } = await this.callEagerly(form, tensors);
    if (!this.isEager) {
      const inputs = tensors.map(({ shape, dtype }) => ({ shape, dtype }));
      const none = { compiled: undefined, changed: undefined };
      this.kinds.push({ form, inputs, ...made, isAgain, ...none });
      if (this.kinds.length > MOST_KINDS) this.drop(this.kinds.shift()!);
    }
    return returned;
  }

  /** A call after a change may make what it needs once, which it must not do in a trace. */
  private async callChanged(
    kind: Kind,
    { tensors, changed }: { tensors: readonly Tensor[]; changed: string },
  ): Promise<Returned> {
    this.drop(kind);
    const { returned, ...made } = await this.callEagerly(kind.form, tensors);
    Object.assign(kind, made, { changed });
    return returned;
  }

  /** A second call shows whether what the first one changed was for once: a trace can't put variables back. */
  private async callAgain(kind: Kind, tensors: readonly Tensor[]): Promise<Returned> {
    const { returned, changes, reach } = await this.callEagerly(kind.form, tensors);
    Object.assign(kind, { changes, reach });
    if (changes.length === 0) return returned;
    const refusal = changesEachTime(changes);
    if (this.options.engine === "graph") {
      tf.dispose(returned.tensors);
      throw refusal;
    }
    this.giveUp();
    warnOfEager(this.title, refusal);
    return returned;
  }

  private async callEagerly(form: Form, tensors: readonly Tensor[]) {
    await turn(); // the stop button is heard between calls
    const reach = this.isEager ? undefined : new Reach(this.fn);
    const optimizers = new Map<Optimizer, number>();
    const stop = onOptimizerUse((optimizer, steps) =>
      optimizers.set(optimizer, (optimizers.get(optimizer) ?? 0) + steps),
    );
    try {
      const returned = leavingNoTape(() => callOwning(() => this.apply(form, tensors)));
      this.engine = "eager";
      const changes = reach?.changedVariables() ?? [];
      return { returned, optimizers, changes, reach: reach && new Reach(this.fn) };
    } finally {
      stop();
    }
  }

  private async runGraph(
    kind: Kind,
    { graph, tensors }: { graph: FunctionGraph; tensors: readonly Tensor[] },
  ): Promise<Returned> {
    try {
      return await graph.run(tensors);
    } catch (error) {
      // The session's variables may be half-way between two steps; those of tfjs are as before.
      this.drop(kind);
      throw error;
    }
  }

  /** The graph for arguments of a kind, which does what the function does now. */
  private async graphOf(kind: Kind, changed = kind.changed): Promise<FunctionGraph> {
    const { compiled } = kind;
    if (compiled?.graph.isAlive === true) {
      if (changed === undefined) return compiled.graph;
      const reach = this.reachOf(kind);
      if (compiled.graph.change(this.sourceOf(kind, reach)) === undefined) {
        compiled.reach = reach;
        return compiled.graph;
      }
    }
    this.drop(kind);
    const reach = this.reachOf(kind);
    if (this.options.engine === "auto") {
      this.worth.check(changed === undefined ? undefined : { changed, hint: EACH_STATE });
    }
    const graph = await FunctionGraph.compile(this.sourceOf(kind, reach), this.options);
    kind.compiled = { graph, reach };
    kind.isAgain = false;
    kind.changed = undefined;
    return graph;
  }

  /** @throws NotCompilableError when the function reaches what can't be watched. */
  private reachOf({ optimizers }: Kind): Reach {
    const reach = new Reach(this.fn, optimizers.keys());
    if (reach.refusal !== undefined) throw reach.refusal;
    return reach;
  }

  private sourceOf({ form, inputs, optimizers }: Kind, { source }: Reach): FunctionSource {
    return { call: (tensors) => this.apply(form, tensors), inputs, source, optimizers };
  }

  private apply(form: Form, tensors: readonly Tensor[]): Returned {
    return callUsers(() => this.fn(...(putTogether(form, tensors) as never[])), this.title);
  }

  private drop(kind: Kind): void {
    kind.compiled?.graph.dispose();
    kind.compiled = undefined;
  }

  private refuseDisposed(): void {
    if (!this.isDisposed) return;
    throw new ConvnetsError(`${this.title} was disposed.`, { hint: "Compile it again." });
  }
}
