/**
 * What was compiled for a model, between two runs.
 *
 * A second `fit`, and each further `evaluate` or `predict`, needs no trace and no graph: only a session, which the pool
 * has, and the weights. Nothing is taken that the model, its compilation or the user's code has left behind.
 */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { HostTensor } from "../graph";
import { functionalOf } from "../tfjs";
import type { Batch, RunnerOptions } from "./step";
import type { Unit } from "./unit";

/** How many are kept for one model; the oldest goes first. */
const MOST_PARKED = 4;

interface Parked {
  mode: RunnerOptions["mode"];
  precision: RunnerOptions["precision"];
  /** What each `compile` makes anew; undefined for predictions, which don't need one. */
  compilation: object | undefined;
  unit: Unit;
}

const parked = new WeakMap<LayersModel, Parked[]>();

/** Keeps a unit whose session is closed. */
export function park(model: LayersModel, unit: Unit, options: RunnerOptions): void {
  const inner = functionalOf(model);
  const list = parked.get(inner) ?? [];
  parked.set(inner, list);
  const { mode, precision } = options;
  list.push({ mode, precision, compilation: compilationOf(inner, options), unit });
  if (list.length > MOST_PARKED) list.shift();
}

/** Takes a unit for a batch that does what the user's code does now. */
export function unpark(
  model: LayersModel,
  { batch, columns }: { batch: Batch; columns: readonly HostTensor[] },
  options: RunnerOptions,
): Unit | undefined {
  const inner = functionalOf(model);
  const list = parked.get(inner) ?? [];
  const { mode, precision } = options;
  const compilation = compilationOf(inner, options);
  const index = list.findIndex(
    (entry) =>
      entry.mode === mode &&
      entry.precision === precision &&
      entry.compilation === compilation &&
      entry.unit.isFor(batch, columns),
  );
  if (index < 0) return undefined;
  const { unit } = list.splice(index, 1)[0]!;
  const isCurrent = unit.isAlive && unit.change() === undefined && unit.holdsAt(batch.size);
  return isCurrent ? unit : undefined;
}

function compilationOf(inner: LayersModel, { mode }: RunnerOptions): object | undefined {
  return mode === "predict" ? undefined : inner.lossFunctions;
}
