/**
 * What was compiled for a model, between two runs.
 *
 * A second `fit`, and each further `evaluate` or `predict`, needs no trace and no graph: only a session, which the pool
 * has, and the weights, which what predicts or evaluates keeps for a while, too. Nothing is taken that the model, its compilation or the user's code has left behind.
 */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { HostTensor } from "../graph";
import { functionalOf } from "../tfjs";
import type { CompiledSteps } from "./compiledSteps";
import type { Batch, RunnerOptions } from "./step";
import type { Unit } from "./unit";
import { WarmSteps } from "./warm";

/** A unit with the session that runs it. */
export interface OpenUnit {
  unit: Unit;
  steps: CompiledSteps;
}

/** How many are kept for one model; the oldest goes first. */
const MOST_PARKED = 4;

interface Parked {
  mode: RunnerOptions["mode"];
  precision: RunnerOptions["precision"];
  /** The workers that it computes with. */
  group: RunnerOptions["group"];
  /** The devices that it computes on. */
  devices: RunnerOptions["devices"];
  /** What each `compile` makes anew; undefined for predictions, which don't need one. */
  compilation: object | undefined;
  unit: Unit;
  /** Its session, where that keeps the weights. */
  warm: WarmSteps | undefined;
}

const parked = new WeakMap<LayersModel, Parked[]>();

/** Keeps a unit that is no longer used, and its session's weights where nothing trained them. */
export function park(model: LayersModel, { unit, steps }: OpenUnit, options: RunnerOptions): void {
  const inner = functionalOf(model);
  const list = parked.get(inner) ?? [];
  parked.set(inner, list);
  const { mode, precision, group, devices } = options;
  const warm = mode === "train" ? undefined : new WarmSteps(steps);
  if (warm === undefined) steps.dispose();
  const compilation = compilationOf(inner, options);
  list.push({ mode, precision, group, devices, compilation, unit, warm });
  if (list.length > MOST_PARKED) list.shift()!.warm?.cool();
}

/** Takes a unit for a batch that does what the user's code does now, with an open session. */
export async function unpark(
  model: LayersModel,
  { batch, columns }: { batch: Batch; columns: readonly HostTensor[] },
  options: RunnerOptions,
): Promise<OpenUnit | undefined> {
  const inner = functionalOf(model);
  const list = parked.get(inner) ?? [];
  const { mode, precision, group, devices } = options;
  const compilation = compilationOf(inner, options);
  const index = list.findIndex(
    (entry) =>
      entry.mode === mode &&
      entry.precision === precision &&
      entry.group === group &&
      entry.devices === devices &&
      entry.compilation === compilation &&
      entry.unit.isFor(batch, columns),
  );
  if (index < 0) return undefined;
  const { unit, warm } = list.splice(index, 1)[0]!;
  try {
    const isCurrent = unit.isAlive && unit.change() === undefined && unit.holdsAt(batch.size);
    if (isCurrent) return { unit, steps: warm?.take() ?? (await unit.open(group)) };
  } finally {
    warm?.cool();
  }
  return undefined;
}

function compilationOf(inner: LayersModel, { mode }: RunnerOptions): object | undefined {
  return mode === "predict" ? undefined : inner.lossFunctions;
}
