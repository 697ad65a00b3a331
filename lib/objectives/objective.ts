/** What a compiled model minimises and measures, and how batches add up to an epoch's numbers. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError } from "../errors";
import {
  functionalOf,
  type LossOrMetric,
  maskedOutputsOf,
  metricsByOutput,
  optimizerOf,
} from "../tfjs";
import { type Crossentropy, crossentropyOf } from "./losses";
import { type Metric, metricOf } from "./metrics";

/** The objective of one output. */
export interface OutputObjective {
  /** Name of the output. */
  output: string;
  /** Known when the loss is one of the cross-entropies, which can take logits. */
  crossentropy: Crossentropy | undefined;
  /** True for any loss given by name, which compares shapes; a function may do with labels what it likes. */
  builtIn: boolean;
  /** Per-sample losses, from tfjs. */
  lossFunction: LossOrMetric;
  metrics: Metric[];
}

/** The objective of a model. */
export interface Objective {
  outputs: OutputObjective[];
  /**
   * One name for each value that a step returns: `"loss"`; with several outputs each output's loss; then each
   * output's metrics, where a ratio takes two values and its name stands twice.
   */
  valueNames: string[];
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
  const masked = maskedOutputsOf(inner);
  const outputs = inner.outputNames.map((output, i): OutputObjective => {
    const given = eachOutput(inner, inner.loss, i);
    const lossFunction = inner.lossFunctions[i];
    if (typeof lossFunction !== "function") {
      throw new ConvnetsError(`The model was compiled without a loss for its output "${output}".`);
    }
    return {
      output,
      crossentropy: crossentropyOf(given),
      builtIn: typeof given === "string" || crossentropyOf(given) !== undefined,
      lossFunction,
      metrics: metrics[i]!.map((metric) => metricOf(metric, masked[i]!)),
    };
  });
  return { outputs, valueNames: valueNames(outputs) };
}

function eachOutput(model: LayersModel, given: unknown, index: number): unknown {
  if (Array.isArray(given)) return given[index];
  if (typeof given === "object" && given !== null) {
    return (given as Record<string, unknown>)[model.outputNames[index]!];
  }
  return given;
}

function valueNames(outputs: OutputObjective[]): string[] {
  const several = outputs.length > 1;
  const names = ["loss"];
  if (several) names.push(...outputs.map(({ output }) => `${output}_loss`));
  const seen = new Map<string, number>();
  for (const { output, metrics } of outputs) {
    for (const metric of metrics) {
      const base = several ? `${output}_${metric.name}` : metric.name;
      const count = seen.get(base) ?? 0;
      seen.set(base, count + 1);
      const name = count === 0 ? base : `${base}_${count}`;
      names.push(name);
      if (metric.combine === "ratio") names.push(name);
    }
  }
  return names;
}

/**
 * Adds up the values of batches as Keras' metrics do: means weighted by samples, ratios of sums. The losses of several
 * outputs are means of batches, whatever their sizes: Keras 3.15.1 doesn't know these inside its compiled step.
 */
export class RunningMetrics {
  private sums: number[];
  private samples = 0;
  private batches = 0;

  constructor(private readonly objective: Objective) {
    this.sums = objective.valueNames.map(() => 0);
  }

  /** Forgets everything: a new epoch begins. */
  reset(): void {
    this.sums.fill(0);
    this.samples = 0;
    this.batches = 0;
  }

  /** Takes one step's values. */
  add(values: number[], size: number): void {
    const { valueNames } = this.objective;
    for (let i = 0; i < values.length; i++) {
      const isRatio = valueNames[i] === valueNames[i + 1] || valueNames[i] === valueNames[i - 1];
      this.sums[i]! += isRatio || this.isOutputLoss(i) ? values[i]! : values[i]! * size;
    }
    this.samples += size;
    this.batches++;
  }

  /** The numbers so far by name, in alphabetical order, as Keras keeps logs. */
  result(): Record<string, number> {
    const { valueNames } = this.objective;
    const entries: [string, number][] = [];
    for (let i = 0; i < valueNames.length; i++) {
      const name = valueNames[i]!;
      if (name === valueNames[i + 1]) {
        const denominator = this.sums[i + 1]!;
        entries.push([name, denominator === 0 ? 0 : this.sums[i]! / denominator]);
        i++;
      } else {
        const count = this.isOutputLoss(i) ? this.batches : this.samples;
        entries.push([name, count === 0 ? 0 : this.sums[i]! / count]);
      }
    }
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

  /** Whether a value is the loss of one output among several: they come behind the loss of all. */
  private isOutputLoss(index: number): boolean {
    const { length } = this.objective.outputs;
    return length > 1 && index >= 1 && index <= length;
  }
}

/**
 * The numbers of `evaluate` in Keras' order: loss and metrics as compiled; for several outputs the loss, each
 * output's loss, then the metrics by name.
 */
export function inOrder(objective: Objective, logs: Record<string, number>): number[] {
  const { outputs, valueNames } = objective;
  const first =
    outputs.length > 1 ? valueNames.slice(0, 1 + outputs.length) : [...new Set(valueNames)];
  const rest = Object.keys(logs).filter((name) => !first.includes(name));
  return [...first, ...rest].map((name) => logs[name]!);
}
