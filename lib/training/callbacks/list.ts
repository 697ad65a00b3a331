/** Calls all callbacks, and keeps the model in step with a runner that trains a copy. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { StepRunner } from "../../compiled";
import { invalidArgument } from "../../errors";
import { tf } from "../../tfjs";
import {
  Callback,
  type CallbackLike,
  type CallbackParams,
  LibraryCallback,
  type Logs,
} from "./callback";
import type { CallbackState, SessionCallback, TrainingSession } from "./session";

type HookName = Exclude<keyof CallbackLike, "setModel" | "setParams" | "onlyReadsLogs">;

type Hooks = Partial<Record<HookName, unknown>>;

/** tfjs calls its batch hooks by shorter names. */
const tfjsNames: Partial<Record<HookName, HookName>> = {
  onTrainBatchBegin: "onBatchBegin",
  onTrainBatchEnd: "onBatchEnd",
};

const batchHooks: readonly HookName[] = [
  "onTrainBatchBegin",
  "onTrainBatchEnd",
  "onBatchBegin",
  "onBatchEnd",
];

/** Waits for a callback, and gives up when it is stopped from outside. */
interface Patience {
  outlast(work: Promise<unknown>): Promise<void>;
}

/** The callbacks of one `fit`, `evaluate` or `predict`. */
export class CallbackList {
  private readonly callbacks: CallbackLike[];
  private patience: Patience | undefined;

  /**
   * @param given One callback, a list, or nothing.
   * @param options.isChief Whether the library's own are called, too; of several workers only the chief's are.
   * @throws InvalidArgumentError for anything that is no object.
   */
  constructor(
    given: CallbackLike | CallbackLike[] | undefined,
    private readonly runner: Pick<StepRunner, "pull" | "push">,
    { isChief = true } = {},
  ) {
    const all = given === undefined ? [] : Array.isArray(given) ? given : [given];
    this.callbacks = isChief ? all : all.filter((each) => !(each instanceof LibraryCallback));
    for (const callback of all) {
      if (typeof callback !== "object" || callback === null) {
        throw invalidArgument("callbacks", {
          expected: "a callback, an object with hooks such as `onEpochEnd`, or a list of them",
          received: callback,
        });
      }
    }
  }

  /** Tells every callback what it is part of. */
  start(model: LayersModel, params: CallbackParams, session?: TrainingSession): void {
    for (const callback of this.callbacks) {
      callback.setParams?.(params as never);
      callback.setModel?.(model);
      if (session) (callback as Partial<SessionCallback>).attach?.(session);
    }
  }

  /** Says who ends the waiting for a callback that never comes back. */
  waitWith(patience: Patience): void {
    this.patience = patience;
  }

  /** Whether a callback wants to be asked between any two steps. */
  get watchesSteps(): boolean {
    return this.callbacks.some(
      (callback, i) =>
        this.ours[i]!.watchesSteps ?? batchHooks.some((name) => hasHook(callback, name)),
    );
  }

  /** Whether a callback may change the model between any two steps. */
  get touchesSteps(): boolean {
    return this.callbacks.some(
      (callback) => !callback.onlyReadsLogs && batchHooks.some((name) => hasHook(callback, name)),
    );
  }

  /** Lets callbacks add the numbers that they will add to an epoch's, before these are shown. */
  addLogs(logs: Logs): void {
    for (const callback of this.ours) callback.addLogs?.(logs);
  }

  /** Lets callbacks act on a step that all of them have seen. */
  async afterStep(): Promise<void> {
    for (const callback of this.ours) await callback.afterStep?.();
  }

  /** Lets callbacks act on an epoch that all of them have seen. */
  async afterEpoch(): Promise<void> {
    for (const callback of this.ours) await callback.afterEpoch?.();
  }

  /** Options of the library's callbacks that results follow from. */
  identities(): object[] {
    return this.ours.flatMap((callback) => callback.identity?.() ?? []);
  }

  /** What the callbacks have to remember. */
  async getStates(): Promise<CallbackState[]> {
    const states: CallbackState[] = [];
    for (const callback of this.withState()) {
      states.push({ callback: callback.constructor.name, state: await callback.getState!() });
    }
    return states;
  }

  /** Hands kept states back; of another list of callbacks they are left aside. */
  setStates(states: readonly CallbackState[]): void {
    for (const [callback, { state }] of this.paired(states)) callback.setState?.(state);
  }

  /** Why a callback can't go on from its kept state. */
  async obstacle(states: readonly CallbackState[]): Promise<string | undefined> {
    for (const [callback, { state }] of this.paired(states)) {
      const reason = await callback.obstacle?.(state);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Hands callbacks an epoch that an earlier process has trained. */
  takeEpoch(epoch: number, logs: Logs): void {
    for (const callback of this.ours) callback.takeEpoch?.(epoch, logs);
  }

  private get ours(): Partial<SessionCallback>[] {
    return this.callbacks as Partial<SessionCallback>[];
  }

  private withState(): Partial<SessionCallback>[] {
    return this.ours.filter((callback) => callback.getState !== undefined);
  }

  private paired(states: readonly CallbackState[]): [Partial<SessionCallback>, CallbackState][] {
    const callbacks = this.withState();
    const fits =
      callbacks.length === states.length &&
      callbacks.every((callback, i) => callback.constructor.name === states[i]!.callback);
    return fits ? callbacks.map((callback, i) => [callback, states[i]!]) : [];
  }

  /** Frees what callbacks hold, however the run ended. */
  close(): void {
    for (const callback of this.ours) callback.close?.();
  }

  /** Calls one hook of every callback that has it, in order. */
  async call(
    hook:
      | "onTrainBegin"
      | "onTrainEnd"
      | "onTestBegin"
      | "onTestEnd"
      | "onPredictBegin"
      | "onPredictEnd",
    logs?: Logs,
  ): Promise<void> {
    await this.each(hook, logs);
  }

  /** Calls one hook that is about an epoch or a batch; its numbers are only asked for when somebody wants them. */
  async callAt(hook: HookName, index: number, logs?: () => Logs): Promise<void> {
    if (this.callbacks.length > 0) await this.each(hook, index, logs);
  }

  private async each(hook: HookName, ...given: unknown[]): Promise<void> {
    const names = [hook, tfjsNames[hook]].filter((name) => name !== undefined);
    const users = this.callbacks.filter((callback) =>
      names.some((name) => hasHook(callback, name)),
    );
    if (users.length === 0) return;
    const args = given.map((each) => (typeof each === "function" ? each() : each));
    // `onlyReadsLogs` is about batch hooks; at an epoch's end everybody may look at the weights.
    const touchesModel = !/Batch/.test(hook) || users.some(({ onlyReadsLogs }) => !onlyReadsLogs);
    if (touchesModel) await this.runner.pull();
    for (const callback of users) {
      for (const name of names) {
        const method = callback[name] as ((...args: unknown[]) => unknown) | undefined;
        const work = method?.apply(callback, args);
        await (work instanceof Promise && this.patience ? this.patience.outlast(work) : work);
      }
    }
    if (touchesModel) await this.runner.push();
  }
}

/** Whether a callback does something in a hook; base classes have empty ones. */
function hasHook(callback: CallbackLike, name: HookName): boolean {
  const method = callback[name];
  if (typeof method !== "function") return false;
  const ours: Hooks = Callback.prototype;
  const tfjs: Hooks = tf.Callback.prototype;
  return method !== ours[name] && method !== tfjs[name];
}
