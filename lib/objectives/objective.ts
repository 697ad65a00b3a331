/** What a compiled model minimises and measures, and how batches add up to an epoch's numbers. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError } from "../errors";
import {
  functionalOf,
  type LossOrMetric,
  lossWeightsOf,
  maskedOutputsOf,
  metricsByOutput,
  optimizerOf,
  weightedMetricsOf,
} from "../tfjs";
import { isKerasLoss, type KerasLoss, type Reduction } from "./loss";
import { Loss } from "./lossClass";
import { lossOf } from "./lossNames";
import type { Metric } from "./metric";
import { metricOf } from "./metrics";

/** The objective of one output. */
export interface OutputObjective {
  /** Name of the output. */
  output: string;
  /** The loss, where it is one of Keras'; a function of the user's own may do with labels what it likes. */
  loss: KerasLoss | undefined;
  /** Per-sample losses. */
  lossFunction: LossOrMetric;
  /** How they become one number. */
  reduction: Reduction;
  /** What the loss counts in that of all outputs. */
  weight: number;
  metrics: OutputMetric[];
}

/** A metric of an output. @inline */
export interface OutputMetric extends Metric {
  /** Whether samples count by their weights. */
  weighted: boolean;
}

/** The objective of a model. */
export interface Objective {
  outputs: OutputObjective[];
  /** In the order of the numbers of a step: the loss, of several outputs each one's, metrics, weighted ones. */
  values: ObjectiveValue[];
}

/** A number of the logs, and what it is made of. */
interface ObjectiveValue extends Pick<Metric, "width" | "result" | "parts"> {
  /** Its name there. */
  name: string;
  /** What the numbers of steps are: means of samples, means of batches whatever their sizes, or sums. */
  combine: Metric["combine"] | "meanOfBatches";
}

/**
 * Reads a compiled model's objective.
 *
 * @throws ConvnetsError when the model is not compiled.
 */
export function objectiveOf(model: LayersModel, where: string): Objective {
  const inner = functionalOf(model);
  if (optimizerOf(inner) === undefined || inner.lossFunctions === undefined) {
    throw new ConvnetsError(`The model "${model.name}" must be compiled before ${where}.`, {
      hint: 'Call `model.compile({ optimizer: "rmsprop", loss: …, metrics: ["accuracy"] })` first.',
    });
  }
  const metrics = metricsByOutput(inner.metrics, inner.outputNames);
  const weightedMetrics = metricsByOutput(weightedMetricsOf(inner), inner.outputNames);
  const masked = maskedOutputsOf(inner);
  const weights = lossWeightsOf(inner);
  const outputs = inner.outputNames.map((output, i): OutputObjective => {
    const loss = lossOf(eachOutput(inner, inner.loss, i));
    const lossFunction = loss ?? inner.lossFunctions[i];
    const ofOutput = (metric: unknown, weighted: boolean): OutputMetric => ({
      ...metricOf(metric, { masked: masked[i]!, shape: inner.outputs[i]!.shape, weighted }),
      weighted,
    });
    if (typeof lossFunction !== "function") {
      throw new ConvnetsError(`The model was compiled without a loss for its output "${output}".`);
    }
    return {
      output,
      loss,
      lossFunction,
      reduction: reductionOf(lossFunction),
      weight: weights?.[i] ?? 1,
      metrics: [
        ...metrics[i]!.map((metric) => ofOutput(metric, false)),
        ...weightedMetrics[i]!.map((metric) => ofOutput(metric, true)),
      ],
    };
  });
  return { outputs, values: valuesOf(outputs) };
}

function reductionOf(lossFunction: LossOrMetric): Reduction {
  if (lossFunction instanceof Loss) return lossFunction.reduction;
  return isKerasLoss(lossFunction) ? lossFunction.settings.reduction : "sumOverBatchSize";
}

function eachOutput(model: LayersModel, given: unknown, index: number): unknown {
  if (Array.isArray(given)) return given[index];
  if (typeof given === "object" && given !== null) {
    return (given as Record<string, unknown>)[model.outputNames[index]!];
  }
  return given;
}

function valuesOf(outputs: OutputObjective[]): ObjectiveValue[] {
  const several = outputs.length > 1;
  const loss = (name: string, combine: ObjectiveValue["combine"]): ObjectiveValue => ({
    ...{ name, combine, width: 1 },
    result: ([value]) => value!,
  });
  const values = [loss("loss", "mean")];
  if (several) values.push(...outputs.map(({ output }) => loss(`${output}_loss`, "meanOfBatches")));
  const seen = new Map<string, number>();
  const named = (base: string): string => {
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    return count === 0 ? base : `${base}_${count}`;
  };
  for (const weighted of [false, true]) {
    for (const { output, metrics } of outputs) {
      for (const metric of metrics.filter((each) => each.weighted === weighted)) {
        const of = (name: string) => (several ? `${output}_${name}` : name);
        const isTaken = weighted && seen.has(of(metric.name));
        const name = named(of(isTaken ? `weighted_${metric.name}` : metric.name));
        values.push({ ...metric, name });
      }
    }
  }
  return values;
}

/** The names that a value has in logs: its own, or one for each of its parts. */
function namesIn({ name, parts }: ObjectiveValue): string[] {
  return parts === undefined
    ? [name]
    : Array.from({ length: parts }, (_, part) => `${name}[${part}]`);
}

/**
 * Adds up the values of batches as Keras' metrics do: means weighted by samples, and sums. The losses of several
 * outputs are means of batches, whatever their sizes: Keras 3.15.1 doesn't know these inside its compiled step.
 */
export class RunningMetrics {
  private sums: number[];
  private samples = 0;
  private batches = 0;

  constructor(private readonly objective: Objective) {
    const width = objective.values.reduce((sum, value) => sum + value.width, 0);
    this.sums = new Array<number>(width).fill(0);
  }

  /** Forgets everything: a new epoch begins. */
  reset(): void {
    this.sums.fill(0);
    this.samples = 0;
    this.batches = 0;
  }

  /** Takes one step's values. */
  add(values: number[], size: number): void {
    let place = 0;
    for (const { combine, width } of this.objective.values) {
      const factor = combine === "mean" ? size : 1;
      for (let i = 0; i < width; i++, place++) this.sums[place]! += values[place]! * factor;
    }
    this.samples += size;
    this.batches++;
  }

  /** The numbers so far by name, in alphabetical order, as Keras keeps logs: each is a float32. */
  result(): Record<string, number> {
    let place = 0;
    const entries = this.objective.values.flatMap((value) => {
      const { combine, width, result } = value;
      const sums = this.sums.slice(place, place + width);
      place += width;
      const count = this.countOf(combine);
      const numbers = [result(sums.map((sum) => sum / count))].flat();
      return namesIn(value).map((name, part) => [name, Math.fround(numbers[part]!)] as const);
    });
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return Object.fromEntries(entries);
  }

  /** What must be kept to go on later. */
  getState(): { sums: number[]; samples: number; batches: number } {
    return { sums: [...this.sums], samples: this.samples, batches: this.batches };
  }

  /** Goes on from a kept state. */
  setState(state: ReturnType<RunningMetrics["getState"]>): void {
    this.sums = [...state.sums];
    this.samples = state.samples;
    this.batches = state.batches;
  }

  /** What sums are divided by; they are 0 where nothing was added. */
  private countOf(combine: ObjectiveValue["combine"]): number {
    if (combine === "sum") return 1;
    return (combine === "mean" ? this.samples : this.batches) || 1;
  }
}

/**
 * The numbers of `evaluate` in Keras' order: loss and metrics as compiled; for several outputs the loss, each
 * output's loss, then the metrics by name.
 */
export function inOrder(objective: Objective, logs: Record<string, number>): number[] {
  const { outputs, values } = objective;
  const names = values.flatMap(namesIn);
  const first = outputs.length > 1 ? names.slice(0, 1 + outputs.length) : names;
  const rest = Object.keys(logs).filter((name) => !first.includes(name));
  return [...first, ...rest].map((name) => logs[name]!);
}
