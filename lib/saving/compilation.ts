/** How a model is compiled, from Keras to tfjs and back. */
import type { LayersModel, Variable } from "@tensorflow/tfjs-node-gpu";
import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { asWeights, metricsByOutput, optimizerOf, ownOptimizer } from "../tfjs";
import type { Hdf5Reader, Hdf5Writer } from "./hdf5";
import { field, ModelFileError } from "./json";
import { readLoss, readMetric, writeLoss, writeMetric } from "./lossNames";
import {
  optimizerShapes,
  optimizerState,
  readOptimizer,
  restoreOptimizer,
  writeOptimizer,
} from "./optimizers";

/**
 * Compiles a model as Keras' `compile_config` (or an HDF5 file's `training_config`) says.
 *
 * @throws ModelFileError naming the optimizer, loss, metric or setting that has no counterpart.
 */
export function compileModel(model: LayersModel, config: JsonObject): void {
  const entry = field(config, "optimizer") ?? field(config, "optimizer_config");
  const loss = field(config, "loss");
  if (entry === undefined || entry === null || loss === undefined || loss === null) return;
  if (!meansNothing(field(config, "loss_weights"))) {
    throw new ModelFileError(
      `is compiled with loss_weights=${describeValue(field(config, "loss_weights"))}, which tfjs doesn't have`,
    );
  }
  const outputs = model.outputNames;
  const losses = perOutput(loss, outputs, (item) => readLoss(item));
  const metrics = readMetrics(config, outputs);
  const optimizer = readOptimizer(
    typeof entry === "string" ? { class_name: entry, config: {} } : asObject(entry),
  );
  try {
    model.compile({ optimizer, loss: losses, metrics } as Parameters<LayersModel["compile"]>[0]);
  } catch (cause) {
    optimizer.dispose();
    throw new ModelFileError(`can't be compiled: ${(cause as Error).message}`, { cause });
  }
  ownOptimizer(model);
}

/** Describes how a model is compiled; `null` when it isn't. */
export function writeCompilation(model: LayersModel): JsonObject | null {
  const optimizer = optimizerOf(model);
  const { loss, metrics } = model;
  if (optimizer === undefined || loss === undefined || loss === null) return null;
  return {
    optimizer: writeOptimizer(optimizer),
    loss: writePerOutput(loss, writeLoss),
    loss_weights: null,
    metrics: writeMetrics(metrics, model.outputNames),
    weighted_metrics: null,
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}

/** Writes the optimizer's state where Keras looks for it. */
export function writeOptimizerState(file: Hdf5Writer, model: LayersModel): void {
  const optimizer = optimizerOf(model);
  if (optimizer === undefined) return;
  const path = "optimizer/vars";
  file.group(path);
  file.attribute(path, "name", optimizer.getClassName().toLowerCase());
  for (const [i, array] of optimizerState(optimizer).entries()) {
    file.array(`${path}/${i}`, array);
  }
}

/**
 * Reads the optimizer's state and puts it into the model's optimizer.
 *
 * @param paths The arrays of the state, in Keras' order.
 * @returns A function that changes the optimizer, or `undefined` when the file has no state for it.
 */
export function readOptimizerState(
  file: Hdf5Reader,
  model: LayersModel,
  paths: string[],
): (() => void) | undefined {
  const optimizer = optimizerOf(model);
  if (optimizer === undefined || paths.length === 0) return undefined;
  const weights = trainedWeights(model);
  const beforeFirstStep = paths.length === 2;
  const shapes = beforeFirstStep ? [[], []] : optimizerShapes(optimizer, weights);
  if (paths.length !== shapes.length) {
    throw new ModelFileError(
      `has ${paths.length} optimizer variables where the model's ${optimizer.getClassName()} has ${shapes.length}`,
    );
  }
  const state = paths.map((path, i) => file.numbers(path, shapes[i]!));
  return () => restoreOptimizer(optimizer, beforeFirstStep ? [] : weights, state);
}

/** The state's arrays in a Keras 3 file. */
export function optimizerPaths(file: Hdf5Reader): string[] {
  return file.keys("optimizer/vars").map((_, i) => `optimizer/vars/${i}`);
}

/** The weights in the order in which tfjs' optimizers number their slots. */
function trainedWeights(model: LayersModel): Variable[] {
  return asWeights(model.trainableWeights).map((weight) => weight.read());
}

function meansNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.every(meansNothing) : false;
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

/** A flat list for one output; by output for several. Weighted metrics are measured like the others. */
function readMetrics(
  config: JsonObject,
  outputs: string[],
): CompiledMetric[] | Record<string, CompiledMetric[]> {
  const byOutput: Record<string, CompiledMetric[]> = {};
  for (const key of ["metrics", "weighted_metrics"]) {
    const value = field(config, key);
    if (value === undefined || value === null) continue;
    for (const [output, items] of Object.entries(readByOutput(value, outputs))) {
      byOutput[output] = [...(byOutput[output] ?? []), ...items.map(readMetric)];
    }
  }
  return outputs.length === 1 ? (byOutput[outputs[0]!] ?? []) : byOutput;
}

function readByOutput(value: Json, outputs: string[]): Record<string, Json[]> {
  const list = (item: Json): Json[] =>
    item === null ? [] : (Array.isArray(item) ? item : [item]).flat(2);
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

function writeMetrics(metrics: unknown, outputs: string[]): Json {
  const lists = metricsByOutput(metrics, outputs).map((list) => list.map(writeMetric));
  if (lists.every((list) => list.length === 0)) return null;
  return outputs.length === 1 ? lists[0]! : lists;
}
