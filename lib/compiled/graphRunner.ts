/** Runs a model's steps as TensorFlow graphs. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { dtypeName, type HostTensor } from "../graph";
import { getLearningRate } from "../optimizers";
import { addIterations, functionalOf, optimizerOf, trainedParts } from "../tfjs";
import { compileSteps } from "./compile";
import { CompiledSteps } from "./compiledSteps";
import { EagerStep, type TensorBatch } from "./eager";
import { fusedOptimizer, prepareOptimizer } from "./optimizers";
import type { Batch, RunnerOptions, StepRunner } from "./step";
import type { StepRequest, TensorSpec, TrainedBy } from "./traceStep";

/** The steps that were compiled for batches of one kind. */
interface Unit {
  /** What the batches hold, and which outputs have sample weights. */
  specs: TensorSpec[];
  weighted: boolean[];
  steps: CompiledSteps;
}

/**
 * Compiles at the first batch, whose shapes it needs, and again when a batch of another kind comes.
 *
 * While it trains, the session's weights run ahead of the model's; `pull` brings them back.
 */
export class GraphRunner implements StepRunner {
  readonly kind = "graph";
  private readonly step: EagerStep;
  private readonly units: Unit[] = [];
  /** The unit whose session has the newest weights. */
  private newest: Unit | undefined;
  /** Steps that the tfjs optimizer has not counted yet. */
  private uncounted = 0;

  constructor(
    private readonly model: LayersModel,
    private readonly options: RunnerOptions,
  ) {
    this.step = new EagerStep(model, options.objective, options.mode);
  }

  async train(batch: Batch): Promise<number[]> {
    const inputs = columnsOf(batch);
    const unit = await this.unitFor(batch, inputs);
    const learningRate = getLearningRate(this.model);
    const results = await unit.steps.run("train", inputs, { learningRate });
    this.newest = unit;
    this.uncounted++;
    return scalars(results);
  }

  async evaluate(batch: Batch): Promise<number[]> {
    const inputs = columnsOf(batch);
    const unit = await this.unitFor(batch, inputs);
    return scalars(await unit.steps.run("evaluate", inputs));
  }

  async predict({ xs, size }: Batch): Promise<HostTensor[]> {
    const unit = await this.unitFor({ xs, ys: [], size }, xs);
    return unit.steps.run("predict", xs);
  }

  async pull(): Promise<void> {
    await this.newest?.steps.pull();
    const optimizer = optimizerOf(this.model);
    if (this.uncounted > 0 && optimizer !== undefined) addIterations(optimizer, this.uncounted);
    this.uncounted = 0;
  }

  async push(): Promise<void> {
    await this.newest?.steps.push();
  }

  dispose(): void {
    for (const { steps } of this.units) steps.dispose();
    this.units.length = 0;
    this.newest = undefined;
  }

  /** The compiled steps for a batch, with the newest weights. */
  private unitFor(batch: Batch, columns: readonly HostTensor[]): Unit | Promise<Unit> {
    if (this.newest !== undefined && isOfKind(this.newest, batch, columns)) return this.newest;
    return this.changeUnit(batch, columns);
  }

  private async changeUnit(batch: Batch, columns: readonly HostTensor[]): Promise<Unit> {
    let unit = this.units.find((each) => isOfKind(each, batch, columns));
    if (unit === undefined) {
      unit = await this.compile(batch, columns);
      this.units.push(unit);
    }
    await this.pull();
    await unit.steps.push();
    this.newest = unit;
    return unit;
  }

  private async compile(batch: Batch, columns: readonly HostTensor[]): Promise<Unit> {
    const { mode, precision } = this.options;
    const inputs = columns.map(specOf);
    const requests: StepRequest[] = [];
    if (mode === "predict") {
      const run = (tensors: Tensor[]) => this.step.predict(tensors);
      requests.push({ name: "predict", run, inputs, scalars: false });
    } else {
      const rebuild = rebuilder(batch);
      const evaluate = (tensors: Tensor[]) => this.step.evaluate(rebuild(tensors));
      requests.push({ name: "evaluate", run: evaluate, inputs, scalars: true });
      if (mode === "train") {
        const run = (tensors: Tensor[]) => this.step.train(rebuild(tensors));
        const optimizer = this.optimizer();
        requests.unshift({ name: "train", run, inputs, scalars: true, optimizer });
      }
    }
    const steps = new CompiledSteps(
      await compileSteps(requests, { precision, batchSize: batch.size }),
    );
    return { specs: inputs, weighted: batch.ys.map((_, i) => isWeighted(batch, i)), steps };
  }

  private optimizer(): TrainedBy | undefined {
    const { weights } = trainedParts(this.model);
    if (weights.length === 0) return undefined;
    const optimizer = functionalOf(this.model).optimizer;
    prepareOptimizer(
      optimizer,
      weights.map((weight) => weight.read()),
    );
    // A constraint follows the update, so the update must be part of the trace.
    const isConstrained = weights.some((weight) => Boolean(weight.constraint));
    return { optimizer, fused: isConstrained ? undefined : fusedOptimizer(optimizer) };
  }
}

function columnsOf({ xs, ys, sampleWeights = [] }: Batch): HostTensor[] {
  return [...xs, ...ys, ...sampleWeights.filter((weights) => weights !== undefined)];
}

function specOf({ shape, dtype }: HostTensor): TensorSpec {
  return { shape: shape.slice(1), dtype: dtypeName(dtype), fed: dtype };
}

/** Whether an output has sample weights; two batches of equal tensors may differ in that. */
function isWeighted({ sampleWeights }: Batch, output: number): boolean {
  return sampleWeights?.[output] !== undefined;
}

/** Whether a batch may go into a unit's steps; asked before each step. */
function isOfKind(unit: Unit, batch: Batch, columns: readonly HostTensor[]): boolean {
  const { specs, weighted } = unit;
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

/** Makes batches of tensors of the same form as `model` from their list. */
function rebuilder(model: Batch): (tensors: Tensor[]) => TensorBatch {
  return (tensors) => {
    const rest = [...tensors];
    const xs = rest.splice(0, model.xs.length);
    const ys = rest.splice(0, model.ys.length);
    const sampleWeights = model.sampleWeights?.map((weights) =>
      weights === undefined ? undefined : rest.shift(),
    );
    return { xs, ys, sampleWeights };
  };
}

function scalars([packed]: HostTensor[]): number[] {
  return Array.from(packed!.data as Float32Array);
}
