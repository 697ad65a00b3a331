/** The steps of a model that were compiled for batches of one kind. */
import type { DeviceGroup, WorkerGroup } from "../distributed";
import { dtypeName, type HostTensor } from "../graph";
import { registeredVariables } from "../tfjs";
import type { CompiledModel } from "./compile";
import { CompiledSteps } from "./compiledSteps";
import { Fields } from "./fields";
import { sizesOf } from "./parts";
import type { Batch } from "./step";
import type { TensorSpec } from "./stepRequest";
import { changeOf, holdsAt } from "./traceStep";
import type { StepSource } from "./userCode";

/** Compiled steps, the batches that may go into them, and what they were made from. */
export class Unit {
  /** Whether somebody may have changed what the steps were made from. */
  isDoubtful = false;
  private readonly specs: readonly TensorSpec[];
  private readonly devices: DeviceGroup | undefined;
  private readonly weighted: boolean[];
  /** The one batch size that the graph is for, if it isn't for all. */
  private readonly size: number | undefined;
  /** Batch sizes at which the graph is known to be the user's step. */
  private readonly sizes: Set<number>;
  private readonly fields: Fields;
  private readonly hasUserCode: boolean;

  /**
   * @param model The compiled steps.
   * @param at.batch The batch that they were compiled at.
   * @param at.specs Its columns, of each device's part.
   * @param source What they were made from.
   */
  constructor(
    private readonly model: CompiledModel,
    {
      batch,
      specs,
      devices,
    }: { batch: Batch; specs: readonly TensorSpec[]; devices: DeviceGroup | undefined },
    source: StepSource,
  ) {
    this.specs = specs;
    this.devices = devices;
    this.weighted = batch.ys.map((_, i) => isWeighted(batch, i));
    this.size = [...model.steps.values()].find(
      ({ traced }) => traced.size !== undefined,
    )?.traced.size;
    this.sizes = new Set(sizesOf(batch.size, devices).slice(0, 1));
    this.fields = new Fields(source.watched);
    this.hasUserCode = source.hasUserCode;
  }

  /** Opens a session for the steps; the caller disposes them. */
  open(group?: WorkerGroup): Promise<CompiledSteps> {
    return CompiledSteps.open(this.model, group);
  }

  /** Whether the variables of the steps are still those of the model. */
  get isAlive(): boolean {
    const variables = registeredVariables();
    for (const [name, { variable }] of this.model.variables) {
      if (variables[name] !== variable) return false;
    }
    return true;
  }

  /** Whether a batch may go into the steps without a second look; asked before each step. */
  isReadyFor(batch: Batch, columns: readonly HostTensor[]): boolean {
    const isKnown = !this.hasUserCode || this.newSizes(batch.size).length === 0;
    return isKnown && !this.isDoubtful && this.isFor(batch, columns);
  }

  /** Whether a batch is of the steps' kind. */
  isFor(batch: Batch, columns: readonly HostTensor[]): boolean {
    const { specs, weighted } = this;
    const { min, max } = this.model.batchSizes;
    for (const size of sizesOf(batch.size, this.devices)) {
      if (this.size !== undefined && this.size !== size) return false;
      if (size < min || size > max) return false;
    }
    if (specs.length !== columns.length || weighted.length !== batch.ys.length) return false;
    for (let i = 0; i < specs.length; i++) {
      const [{ shape, fed }, given] = [specs[i]!, columns[i]!];
      if (fed !== given.dtype) return false;
      if (shape.length + 1 !== given.shape.length) return false;
      for (let axis = 0; axis < shape.length; axis++) {
        if (shape[axis] !== given.shape[axis + 1]) return false;
      }
    }
    for (let i = 0; i < weighted.length; i++) {
      if (weighted[i] !== isWeighted(batch, i)) return false;
    }
    return true;
  }

  /**
   * What has changed in what the steps were made from, in words; undefined when nothing has.
   *
   * @throws NotCompilableError when the user's code can't be a graph any more.
   */
  change(): string | undefined {
    const [field] = this.fields.changed();
    if (field !== undefined) return `${field} has changed`;
    for (const { request, traced } of this.model.steps.values()) {
      const change = changeOf(request, traced);
      if (change !== undefined) return change;
    }
    this.isDoubtful = false;
    return undefined;
  }

  /** Whether the steps are the user's at a batch size. */
  holdsAt(batchSize: number): boolean {
    if (!this.hasUserCode) return true;
    for (const size of this.newSizes(batchSize)) {
      for (const { request, traced } of this.model.steps.values()) {
        if (!holdsAt(request, traced, size)) return false;
      }
      this.sizes.add(size);
    }
    return true;
  }

  /** The sizes of parts of a batch that weren't looked at. */
  private newSizes(batchSize: number): number[] {
    return sizesOf(batchSize, this.devices).filter((size) => !this.sizes.has(size));
  }
}

/** A batch as the steps take it: inputs, labels, the weights that there are, which samples count. */
export function columnsOf({ xs, ys, sampleWeights = [], share }: Batch): HostTensor[] {
  const weights = sampleWeights.filter((each) => each !== undefined);
  return [...xs, ...ys, ...weights, ...(share === undefined ? [] : [share.counted])];
}

/** What the steps are told of one column. */
export function specOf({ shape, dtype }: HostTensor): TensorSpec {
  return { shape: shape.slice(1), dtype: dtypeName(dtype), fed: dtype };
}

/** Whether an output has sample weights; two batches of equal tensors may differ in that. */
function isWeighted({ sampleWeights }: Batch, output: number): boolean {
  return sampleWeights?.[output] !== undefined;
}
