/** `compile` as Keras has it: its names, metrics that tfjs doesn't know, and weights of losses. */
import type { LayersModel, ModelCompileArgs, Optimizer } from "@tensorflow/tfjs-node-gpu";
import { type KnownOptions, rejectUnknownOptions } from "../checks";
import { ConvnetsError, invalidArgument } from "../errors";
import { insides } from "./insides";
import { metricsByOutput } from "./metrics";
import {
  isLossElsewhere,
  isMetricElsewhere,
  isOptimizerElsewhere,
  lossNamed,
  metricNamed,
  optimizerNamed,
} from "./names";
import { refuseWhileTrained } from "./trained";

/** Weights of the losses of several outputs, as `compile` takes them. @inline */
export type LossWeights = number | readonly number[] | Readonly<Record<string, number>>;

/** How many steps are taken in one call, as `compile` takes it. @inline */
export type StepsPerExecution = number | "auto";

/** Whether XLA compiles steps, as `compile` takes it. @inline */
export type JitCompile = boolean | "auto";

declare module "@tensorflow/tfjs-layers/dist/engine/training" {
  interface ModelCompileArgs {
    /** What each output's loss counts in the loss that is minimised: a list, or by the outputs' names. @default 1 */
    lossWeights?: LossWeights;
    /**
     * Metrics in which samples count by their weights, given like `metrics`. One that stands among these, too, is
     * called `weighted_accuracy` in logs.
     *
     * @default none
     */
    weightedMetrics?: ModelCompileArgs["metrics"];
    /**
     * How many steps `fit` takes in one call of TensorFlow: a number, or `"auto"` for as many as take a tenth of a
     * second. The same training to the last bit, in less time where a step is a matter of microseconds. Between two
     * calls progress moves and the stop button is heard; with a callback that looks at every batch, and on the eager
     * engine, each step is a call of its own. Of a dataset a number reads as many batches before it trains on them (where
     * both draw random numbers, they are others than one by one), and `"auto"` reads one.
     *
     * @default 1, and "auto" on a GPU where XLA compiles the steps
     */
    stepsPerExecution?: StepsPerExecution;
    /**
     * Whether XLA compiles the steps of `fit`, as Keras' `jit_compile`: `true`, `false`, or `"auto"` for only on a GPU.
     * What a call takes by `stepsPerExecution` is then one loop within one program, to the rounding of float32 the same
     * training. Each number of steps and each size of batches takes XLA some seconds, once; a smaller last batch,
     * `evaluate` and `predict` run without it, and so does what XLA can't compile, of which `true` warns. An index that
     * is out of range gives an error without XLA only.
     *
     * @default "auto"
     */
    jitCompile?: JitCompile;
  }
}

/** Names of metrics that tfjs 4.22 has as functions, and that its `compile` refuses. */
const forgotten = ["recall", "sparseCategoricalAccuracy", "binaryCrossentropy"] as const;

/** Stands for a loss or metric that tfjs doesn't have, where tfjs itself would compute it. */
function notInTfjs(): never {
  throw new ConvnetsError("tfjs' own `fit` and `evaluate` don't know this loss or metric.", {
    hint: "Call `fit(model, …)` or `evaluate(model, …)` of convnets.",
  });
}

/** Makes the optimizers that Keras has and tfjs doesn't, by their names. */
let optimizerElsewhere: ((name: string) => Optimizer) | undefined;

/** Says how optimizers are made that `compile` may name and tfjs doesn't have. */
export function offerOptimizers(make: (name: string) => Optimizer): void {
  optimizerElsewhere = make;
}

const known: KnownOptions<ModelCompileArgs> = {
  optimizer: true,
  loss: true,
  metrics: true,
  lossWeights: true,
  weightedMetrics: true,
  stepsPerExecution: true,
  jitCompile: true,
};

const weights = new WeakMap<LayersModel, LossWeights>();
const weighted = new WeakMap<LayersModel, ModelCompileArgs["metrics"]>();
const steps = new WeakMap<LayersModel, StepsPerExecution>();
const jits = new WeakMap<LayersModel, JitCompile>();

/** Lets `compile` take what this library trains and measures with. */
export function compileAsKeras(tf: {
  LayersModel: { prototype: LayersModel };
  Sequential: { prototype: LayersModel };
  metrics: Readonly<Record<(typeof forgotten)[number], unknown>>;
}): void {
  const knownMetric = (metric: unknown) => {
    if (typeof metric !== "string") return metric;
    const name = metricNamed(metric);
    if (isMetricElsewhere(name)) return notInTfjs;
    const isForgotten = (each: string): each is (typeof forgotten)[number] =>
      (forgotten as readonly string[]).includes(each);
    return isForgotten(name) ? tf.metrics[name] : name;
  };
  const { compile } = tf.LayersModel.prototype;
  tf.LayersModel.prototype.compile = function (given) {
    rejectUnknownOptions(given, known, "compile");
    const { lossWeights, weightedMetrics, stepsPerExecution, jitCompile = "auto" } = given;
    const { optimizer } = given;
    checkStepsPerExecution(stepsPerExecution);
    checkJitCompile(jitCompile);
    const { outputNames } = this;
    for (const metric of metricsByOutput(weightedMetrics, outputNames).flat()) knownMetric(metric);
    const lists = metricsByOutput(given.metrics, outputNames);
    const measured = Object.fromEntries(
      outputNames.map((name, i) => [name, lists[i]!.map(knownMetric)]),
    );
    weightsByOutput(lossWeights, outputNames);
    const loss = each(given.loss, lossNamed) as ModelCompileArgs["loss"];
    const named = typeof optimizer === "string" ? optimizerNamed(optimizer) : undefined;
    const made = named && isOptimizerElsewhere(named) ? optimizerElsewhere?.(named) : undefined;
    compile.call(this, {
      optimizer: made ?? named ?? optimizer,
      loss: each(loss, standIn) as ModelCompileArgs["loss"],
      metrics: measured as unknown as ModelCompileArgs["metrics"],
    });
    if (made !== undefined) insides("Model", this).isOptimizerOwned = true;
    this.loss = loss;
    this.metrics = given.metrics as LayersModel["metrics"];
    if (lossWeights == null) weights.delete(this);
    else weights.set(this, lossWeights);
    if (weightedMetrics == null) weighted.delete(this);
    else weighted.set(this, weightedMetrics);
    if (stepsPerExecution === undefined) steps.delete(this);
    else steps.set(this, stepsPerExecution);
    jits.set(this, jitCompile);
  };
  // A Sequential makes its inner model anew before it is compiled.
  for (const { prototype } of [tf.LayersModel, tf.Sequential]) {
    const { compile: own } = prototype;
    prototype.compile = function (args) {
      refuseWhileTrained(this, "compile");
      own.call(this, args);
    };
  }
}

/** The losses of all outputs with another in the place of each that is named. */
function each(loss: unknown, named: (name: string) => unknown): unknown {
  if (typeof loss === "string") return named(loss);
  if (Array.isArray(loss)) return loss.map((item) => each(item, named));
  if (typeof loss !== "object" || loss === null) return loss;
  return Object.fromEntries(Object.entries(loss).map(([name, item]) => [name, each(item, named)]));
}

function standIn(loss: string): unknown {
  return isLossElsewhere(loss) ? notInTfjs : loss;
}

function checkStepsPerExecution(value: unknown): void {
  if (value === undefined || value === "auto") return;
  if (Number.isSafeInteger(value) && Number(value) > 0) return;
  throw invalidArgument("stepsPerExecution", {
    expected: 'a positive whole number or "auto"',
    received: value,
  });
}

function checkJitCompile(value: unknown): void {
  if (value === "auto" || typeof value === "boolean") return;
  throw invalidArgument("jitCompile", { expected: 'true, false or "auto"', received: value });
}

/** The metrics of a functional model in which samples count by their weights, as `compile` was given them. */
export function weightedMetricsOf(model: LayersModel): unknown {
  return weighted.get(model);
}

/** How many steps of a functional model are taken in one call; undefined where nothing was said. */
export function stepsPerExecutionOf(model: LayersModel): StepsPerExecution | undefined {
  return steps.get(model);
}

/** Whether XLA compiles the steps of a functional model. */
export function jitCompileOf(model: LayersModel): JitCompile {
  return jits.get(model) ?? "auto";
}

/** What each output's loss of a functional model counts; undefined where nothing was said. */
export function lossWeightsOf(model: LayersModel): number[] | undefined {
  return weightsByOutput(weights.get(model), model.outputNames);
}

function weightsByOutput(
  given: LossWeights | undefined,
  outputs: readonly string[],
): number[] | undefined {
  if (given === undefined || given === null) return undefined;
  const isNamed = typeof given === "object" && !Array.isArray(given);
  const list = isNamed
    ? outputs.map((name) => (given as Record<string, number>)[name])
    : [given as number | readonly number[]].flat();
  const isComplete = list.length === outputs.length && list.every(Number.isFinite);
  if (isComplete && (!isNamed || Object.keys(given).length === outputs.length)) {
    return list as number[];
  }
  throw invalidArgument("lossWeights", {
    expected: `a number for each output: ${outputs.join(", ")}`,
    received: given,
  });
}
