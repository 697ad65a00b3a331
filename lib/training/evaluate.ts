/** Measuring a model. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkWhole, type KnownOptions, rejectUnknownOptions } from "../checks";
import type { RunnerOptions, StepRunner } from "../compiled";
import { createRunner } from "../compiled";
import type { Strategy } from "../distributed";
import { inOrder, type Objective, objectiveOf, RunningMetrics } from "../objectives";
import { bringUpToDate } from "../tfjs";
import type { BatchSource, Tensors, TrainingData } from "./batches";
import type { CallbackLike, Logs } from "./callbacks";
import { CallbackList } from "./callbacks";
import {
  checkRunnerOptions,
  devicesOf,
  refuseEager,
  refuseLabels,
  refuseStateful,
  sourceOf,
} from "./given";
import { Interruption, yieldToEventLoop } from "./interruption";
import { once, Progress, type Verbosity } from "./progress";
import { Team } from "./team";

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Samples of a step; not for datasets, which yield batches. @default 32 */
  batchSize?: number;
  /** Steps to take. @default all of the data */
  steps?: number;
  /** Weights of the samples, `[samples]`; multiplied into the loss, not the metrics. @default 1 for each */
  sampleWeight?: Tensors;
  /** Callbacks; their `onTest…` hooks are called. @default none */
  callbacks?: CallbackLike | CallbackLike[];
  /** `"auto"` and 1: a live progress line; 2: one line at the end; 0: nothing. @default "auto" */
  verbose?: Verbosity;
  /** Return `{ loss, accuracy, … }` instead of a list. @default false */
  returnDict?: boolean;
  /** What runs the steps; `"auto"` takes the fastest that can. @default "auto" */
  engine?: RunnerOptions["engine"];
  /** Arithmetic inside a compiled step; `"bfloat16"` where that is faster here. @default "float32" */
  precision?: RunnerOptions["precision"];
  /** Several devices or processes, each with its part of every batch. @default none */
  strategy?: Strategy;
}

const known: KnownOptions<EvaluateOptions> = {
  batchSize: true,
  steps: true,
  sampleWeight: true,
  callbacks: true,
  verbose: true,
  returnDict: true,
  engine: true,
  precision: true,
  strategy: true,
};

/**
 * What `evaluate` has measured: the loss and the metrics in Keras' order, and each by its name.
 *
 * `const [loss, accuracy] = measured` and `measured.accuracy` are the same.
 */
export type Evaluation = number[] & {
  /** The loss, which is also the first of the list. */
  readonly loss: number;
} & Readonly<Record<string, number>>;

/**
 * Measures loss and metrics, without training.
 *
 * @param model A compiled model; it stays as it is.
 * @param data `[x, y]`, `[x, y, sampleWeight]` or a dataset of batches `{ xs, ys }`.
 * @returns `[loss, …metrics]`, which has the numbers by name too; a list of one where Keras gives the loss alone. An
 *   object of names alone with `returnDict`.
 * @throws InvalidArgumentError for data or options that don't fit; InterruptedError when stopped.
 * @example
 * import { evaluate, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: ["mae"] });
 * const data: [tf.Tensor, tf.Tensor] = [tf.ones([10, 2]), tf.zeros([10, 1])];
 * const { loss, mae } = await evaluate(model, data);
 * const [sameLoss, sameMae] = await evaluate(model, data);
 * @see https://keras.io/api/models/model_training_apis/#evaluate-method
 */
export async function evaluate(
  model: LayersModel,
  data: TrainingData,
  options: EvaluateOptions & { returnDict: true },
): Promise<Record<string, number>>;
export async function evaluate(
  model: LayersModel,
  data: TrainingData,
  options?: EvaluateOptions & { returnDict?: false },
): Promise<Evaluation>;
export async function evaluate(
  model: LayersModel,
  data: TrainingData,
  options: EvaluateOptions,
): Promise<Evaluation | Record<string, number>>;
export async function evaluate(
  model: LayersModel,
  data: TrainingData,
  options: EvaluateOptions = {},
): Promise<Evaluation | Record<string, number>> {
  refuseLabels(options, "evaluate");
  rejectUnknownOptions(options, known, "evaluate");
  checkRunnerOptions(options);
  refuseEager(options);
  checkWhole("batchSize", options.batchSize, { low: 1 });
  checkWhole("steps", options.steps, { low: 1 });
  checkBoolean("returnDict", options.returnDict);
  return Team.with(options, (team) => evaluateIn(team, model, { data, options }));
}

async function evaluateIn(
  team: Team | undefined,
  model: LayersModel,
  { data, options }: { data: TrainingData; options: EvaluateOptions },
): Promise<Evaluation | Record<string, number>> {
  const { engine = "auto", precision = "float32" } = options;
  const { isChief = true, group } = team ?? {};
  const verbose = isChief ? (options.verbose ?? "auto") : 0;
  const objective = objectiveOf(model, "evaluate");
  refuseStateful(model, options);
  const source = await sourceOf(model, objective, data, {
    ...options,
    shuffle: false,
    share: group,
    label: "data",
  });
  const steps = options.steps ?? source.steps;
  await bringUpToDate(model);
  await team?.agree(model, { steps: options.steps, batchSize: options.batchSize, precision });
  const runner = createRunner(model, {
    ...{ engine, precision, mode: "evaluate", objective, group },
    devices: devicesOf(options),
  });
  const interruption = new Interruption();
  try {
    const callbacks = new CallbackList(options.callbacks, runner, { isChief });
    callbacks.waitWith(interruption);
    callbacks.start(model, { verbose, epochs: 1, steps });
    const progress = new Progress(verbose, steps);
    const logs = await measure(runner, source, {
      objective,
      callbacks,
      interruption,
      steps: options.steps,
      progress,
      team,
    });
    await runner.pull(); // states that a layer keeps
    return options.returnDict ? logs : withNames(inOrder(objective, logs), logs);
  } finally {
    interruption.dispose();
    runner.dispose();
  }
}

/** A list that has its numbers by name too; it prints and compares as a list, and keeps a list's methods. */
function withNames(numbers: number[], logs: Logs): Evaluation {
  for (const [name, value] of Object.entries(logs)) {
    if (!(name in numbers)) Object.defineProperty(numbers, name, { value });
  }
  return numbers as Evaluation;
}

/** Takes the steps of an evaluation. */
export async function measure(
  runner: StepRunner,
  source: BatchSource,
  use: {
    objective: Objective;
    callbacks: CallbackList;
    interruption: Interruption;
    /** At most so many steps; undefined for all. */
    steps: number | undefined;
    progress?: Progress;
    team?: Team;
  },
): Promise<Logs> {
  const { objective, callbacks, interruption, progress, team } = use;
  const metrics = new RunningMetrics(objective);
  await callbacks.call("onTestBegin");
  const knowsEnd = (await team?.agreeOnSteps(source.steps)) ?? true;
  const pass = await source.open();
  try {
    for (let step = 0; step < (use.steps ?? Infinity); step++) {
      const batch = await pass.next();
      const isOver = batch === undefined;
      if (knowsEnd ? isOver : await team!.isAnyOver(isOver)) {
        batch?.release?.();
        break;
      }
      if (isOver) break;
      try {
        interruption.check(() => `step ${step + 1} of the evaluation`);
        await callbacks.callAt("onTestBatchBegin", step);
        metrics.add(await runner.evaluate(batch), batch.share?.of ?? batch.size);
      } finally {
        batch.release?.();
      }
      const logs = once(() => metrics.result());
      await callbacks.callAt("onTestBatchEnd", step, logs);
      progress?.update(step + 1, logs);
      if (runner.kind === "eager") await yieldToEventLoop();
    }
  } catch (error) {
    progress?.abandon();
    throw error;
  } finally {
    await pass.close();
  }
  const logs = metrics.result();
  await callbacks.call("onTestEnd", logs);
  progress?.finish(logs);
  return logs;
}
