/** How a model is compiled, from Keras to tfjs and back. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import {
  functionalOf,
  jitCompileOf,
  lossWeightsOf,
  metricsByOutput,
  optimizerOf,
  ownOptimizer,
  stepsPerExecutionOf,
  weightedMetricsOf,
} from "../tfjs";
import { field, ModelFileError } from "./json";
import { readLoss, writeLoss } from "./lossNames";
import { type LabelKind, readMetric, writeMetric } from "./metricNames";
import type { StoredState } from "./optimizerState";
import { readOptimizer, writeOptimizer } from "./optimizers";

/** How a model was compiled, as far as it can be here. */
export interface Compilation {
  /** What can't be, and what is done instead; sentences about the file. */
  notes: string[];
  /** How the file keeps the optimizer's state. */
  state?: Omit<StoredState, "paths">;
}

/**
 * Compiles a model as Keras' `compile_config` (or an HDF5 file's `training_config`) says.
 *
 * A model whose optimizer or loss has no counterpart stays uncompiled; a metric that has none is left out.
 *
 * @param options.keras2 Whether Keras 2 wrote it.
 */
export function compileModel(
  model: LayersModel,
  config: JsonObject,
  options: { keras2: boolean },
): Compilation {
  const notes: string[] = [];
  try {
    return { notes, state: compile(model, config, { ...options, notes }) };
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    return { notes: [`${error.message}. The model is left uncompiled`] };
  }
}

function compile(
  model: LayersModel,
  config: JsonObject,
  { keras2, notes }: { keras2: boolean; notes: string[] },
): Compilation["state"] {
  const entry = field(config, "optimizer") ?? field(config, "optimizer_config");
  const loss = field(config, "loss");
  if (entry === undefined || entry === null || loss === undefined || loss === null)
    return undefined;
  const outputs = model.outputNames;
  const losses = perOutput(loss, outputs, (item) => readLoss(item));
  const labels = outputs.map((_, output) => labelsOf(model, losses, output));
  const read = { keras2, notes, labels };
  const metrics = readMetrics(field(config, "metrics"), outputs, read);
  const weightedMetrics = readMetrics(field(config, "weighted_metrics"), outputs, read);
  const description =
    typeof entry === "string"
      ? { module: "keras.optimizers", class_name: entry, config: {} }
      : asObject(entry);
  const { optimizer, ...state } = readOptimizer(description, { keras2 });
  try {
    const lossWeights = readLossWeights(field(config, "loss_weights"));
    const stepsPerExecution = readStepsPerExecution(field(config, "steps_per_execution"));
    const measured = { metrics, ...(isEmpty(weightedMetrics) ? {} : { weightedMetrics }) };
    const jitCompile = readJitCompile(field(config, "jit_compile"));
    const calls = { stepsPerExecution, jitCompile };
    const args = { optimizer, loss: losses, lossWeights, ...measured, ...calls };
    model.compile(args as Parameters<LayersModel["compile"]>[0]);
  } catch (cause) {
    optimizer.dispose();
    throw new ModelFileError(`can't be compiled: ${(cause as Error).message}`, { cause });
  }
  ownOptimizer(model);
  return state;
}

/** Describes how a model is compiled; `null` when it isn't. */
export function writeCompilation(model: LayersModel): JsonObject | null {
  const optimizer = optimizerOf(model);
  const { loss } = model;
  if (optimizer === undefined || loss === undefined || loss === null) return null;
  return {
    optimizer: writeOptimizer(optimizer),
    loss: writePerOutput(loss, writeLoss),
    loss_weights: lossWeightsOf(functionalOf(model)) ?? null,
    metrics: writeMetrics(model, model.metrics),
    weighted_metrics: writeMetrics(model, weightedMetricsOf(functionalOf(model))),
    run_eagerly: false,
    steps_per_execution: writeStepsPerExecution(model),
    jit_compile: jitCompileOf(functionalOf(model)),
  };
}

/** What a file says; `compile` refuses what isn't a number for each output. Of a list of nothing, nothing counts. */
function readLossWeights(value: Json | undefined): Json | undefined {
  const isNothing = (item: Json | undefined) => item === undefined || item === null;
  return isNothing(value) || (Array.isArray(value) && value.every(isNothing)) ? undefined : value;
}

/** Keras 2 knew "auto" too; what is no number of steps says nothing of a model. */
function readStepsPerExecution(value: Json | undefined): number | "auto" | undefined {
  const isNumber = typeof value === "number" && Number.isSafeInteger(value) && value > 0;
  return isNumber || value === "auto" ? value : undefined;
}

/** Keras 2 wrote `null`, too; what is no choice says nothing of a model. */
function readJitCompile(value: Json | undefined): boolean | "auto" | undefined {
  return typeof value === "boolean" || value === "auto" ? value : undefined;
}

/** Keras 3 takes numbers only. */
function writeStepsPerExecution(model: LayersModel): number {
  const steps = stepsPerExecutionOf(functionalOf(model));
  return typeof steps === "number" ? steps : 1;
}

function asObject(value: Json): JsonObject {
  if (isObject(value)) return value;
  throw new ModelFileError(`is compiled with ${describeValue(value)} as optimizer`);
}

/** One item for all outputs, a list, or a dictionary by output. */
function perOutput<T>(value: Json, outputs: string[], read: (item: Json) => T) {
  if (Array.isArray(value)) return value.map(read);
  if (isObject(value) && field(value, "class_name") === undefined) {
    for (const name of Object.keys(value)) {
      if (!outputs.includes(name)) {
        throw new ModelFileError(
          `is compiled with a loss for "${name}". Its outputs: ${outputs.join(", ")}`,
        );
      }
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, read(item)]));
  }
  return read(value);
}

function writePerOutput(value: unknown, write: (item: unknown) => Json): Json {
  if (Array.isArray(value)) return value.map(write);
  if (!isObject(value)) return write(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, write(item)]));
}

type CompiledMetric = ReturnType<typeof readMetric>;

type CompiledMetrics = CompiledMetric[] | Record<string, CompiledMetric[]>;

/** A flat list for one output; by output for several. */
function readMetrics(
  value: Json | undefined,
  outputs: string[],
  { keras2, notes, labels }: { keras2: boolean; notes: string[]; labels: LabelKind[] },
): CompiledMetrics {
  const byOutput: Record<string, CompiledMetric[]> = {};
  for (const [output, items] of Object.entries(readByOutput(value ?? [], outputs))) {
    const named = keras2 && outputs.length > 1 ? items.map((item) => alone(item, output)) : items;
    const kind = labels[outputs.indexOf(output)] ?? "categorical"; // `compile` refuses other names
    byOutput[output] = named.flatMap((item) => readOrNote(item, kind, notes));
  }
  return outputs.length === 1 ? (byOutput[outputs[0]!] ?? []) : byOutput;
}

function isEmpty(metrics: CompiledMetrics): boolean {
  return Object.values(metrics).flat().length === 0;
}

/** Keras 2 puts the output's name in front of a metric's own, and keeps it in files. */
function alone(item: Json, output: string): Json {
  const config = isObject(item) ? field(item, "config") : undefined;
  const name = isObject(config) ? field(config, "name") : undefined;
  if (typeof name !== "string" || !name.startsWith(`${output}_`)) return item;
  return {
    ...(item as JsonObject),
    config: { ...(config as JsonObject), name: name.slice(output.length + 1) },
  };
}

/** One metric, or none and a note. */
function readOrNote(item: Json, labels: LabelKind, notes: string[]): CompiledMetric[] {
  try {
    return [readMetric(item, labels)];
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    notes.push(`${error.message}. It is left out`);
    return [];
  }
}

function readByOutput(value: Json, outputs: string[]): Record<string, Json[]> {
  const list = (item: Json): Json[] =>
    (Array.isArray(item) ? item : [item]).flat(2).filter((each) => each !== null);
  if (isObject(value) && field(value, "class_name") === undefined) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, list(item)]));
  }
  if (outputs.length === 1) return { [outputs[0]!]: list(value) };
  const items = Array.isArray(value) ? value : [value];
  if (items.length === outputs.length) {
    return Object.fromEntries(outputs.map((name, i) => [name, list(items[i]!)]));
  }
  return Object.fromEntries(outputs.map((name) => [name, list(value)]));
}

function writeMetrics(model: LayersModel, metrics: unknown): Json {
  const lists = metricsByOutput(metrics, model.outputNames).map((list, output) =>
    list.map((metric) => writeMetric(metric, labelsOf(model, model.loss, output))),
  );
  if (lists.every((list) => list.length === 0)) return null;
  return lists.length === 1 ? lists[0]! : lists;
}

/** What labels a metric is for that shapes choose. As in Keras the width decides first, whatever the loss is. */
function labelsOf(model: LayersModel, losses: unknown, output: number): LabelKind {
  const { outputNames, outputs } = model;
  if (outputs[output]!.shape.at(-1) === 1) return "binary";
  const byName = isObject(losses) ? losses[outputNames[output]!] : losses;
  const loss = Array.isArray(losses) ? losses[output] : byName;
  if (loss === undefined || loss === null) return "categorical"; // an output without a loss
  const written = writeLoss(loss);
  const name = isObject(written) ? String(field(written, "class_name")) : String(written);
  return /^sparse/i.test(name) ? "sparse_categorical" : "categorical";
}
