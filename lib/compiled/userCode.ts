/** The user's own code in a step: layers, losses, metrics, optimizers and what layers consist of. */
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import { describeValue } from "../errors";
import { isKnownMetric, Loss, Metric, type Objective } from "../objectives";
import {
  functionalOf,
  innerLayersOf,
  isModel,
  type Layer,
  layersOf,
  optimizerOf,
  runsUserCode,
  tf,
  userFunctions,
  weightedMetricsOf,
} from "../tfjs";
import type { Watched } from "./fields";

/** What a step is made of in JavaScript. */
export interface StepSource {
  /** Every object whose fields the step may depend on. */
  watched: Watched[];
  /** Whether any of it, or a loss or metric, is code of the user's own. */
  hasUserCode: boolean;
  /** The user's functions. */
  functions: unknown[];
}

/** Looks through a model and what it is trained with. */
export function sourceOfStep(model: LayersModel, objective: Objective | undefined): StepSource {
  const optimizer = objective && optimizerOf(functionalOf(model));
  const source = watchedIn(model, ...(optimizer === undefined ? [] : [optimizer]));
  const measures = (objective?.outputs ?? [])
    .filter(({ loss }) => loss === undefined)
    .map(({ lossFunction }): unknown => lossFunction);
  if (objective !== undefined) {
    const inner = functionalOf(model);
    measures.push(...functionsIn([inner.metrics, weightedMetricsOf(inner)]));
  }
  const own = measures.filter(isOwnObjective);
  return {
    watched: [...source.watched, ...own.map(watchedObjective)],
    hasUserCode: source.hasUserCode || measures.length > 0,
    functions: [...source.functions, ...measures, ...own.flatMap(userFunctions)],
  };
}

/** Whether something is a loss or metric of a class of the user's own. */
export function isOwnObjective(value: unknown): value is Loss | Metric {
  return value instanceof Loss || value instanceof Metric;
}

function watchedObjective(object: Loss | Metric): Watched {
  const kind = object instanceof Loss ? "loss" : "metric";
  return { name: named(kind, object.name), object, isWhole: true };
}

/** Looks through layers, models and optimizers. */
export function watchedIn(...objects: object[]): StepSource {
  const watched: Watched[] = [];
  let hasUserCode = false;
  const functions: unknown[] = [];
  const seen = new Set<object>();
  const look = (object: object, name: string) => {
    if (seen.has(object)) return;
    seen.add(object);
    const isOwn = runsUserCode(object);
    if (isOwn) {
      hasUserCode = true;
      functions.push(...userFunctions(object));
    }
    // A model of tfjs' own class has nothing that a step follows from but its layers.
    if (isOwn || !isModel(object)) {
      watched.push({ name, object, isWhole: isOwn && isLayer(object) && !isModel(object) });
    }
    if (isLayer(object)) lookInto(object, name);
  };
  const lookInto = (layer: Layer, name: string) => {
    const inner = isModel(layer) ? layersOf(functionalOf(layer)) : innerLayersOf(layer);
    for (const part of inner) look(part, named("layer", part.name));
    if (isModel(layer)) return;
    for (const [key, value] of Object.entries(layer)) {
      if (isPartOfLayer(key, value)) look(value, `the ${key} of ${name}`);
    }
  };
  for (const object of objects) look(object, titleOf(object));
  return { watched, hasUserCode, functions };
}

function titleOf(object: object): string {
  if (isLayer(object)) return named(isModel(object) ? "model" : "layer", object.name);
  return named("optimizer", (object as Optimizer).getClassName());
}

function named(kind: string, name: string): string {
  return `the ${kind} ${describeValue(name)}`;
}

function isLayer(object: object): object is Layer {
  return "inboundNodes" in object;
}

/** Activations, regularizers and constraints; what makes first weights is over when a step begins. */
function isPartOfLayer(key: string, value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    "getClassName" in value &&
    !isLayer(value) &&
    !/initializer/i.test(key)
  );
}

const tfjsMetrics = new Set<unknown>(Object.values(tf.metrics));

/** The user's functions in a list or object of metrics. */
function functionsIn(value: unknown): unknown[] {
  if (typeof value === "function") {
    return tfjsMetrics.has(value) || isKnownMetric(value) ? [] : [value];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(functionsIn);
}
