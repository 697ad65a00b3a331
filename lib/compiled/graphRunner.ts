/** Runs a model's steps as TensorFlow graphs. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { HostTensor } from "../graph";
import { getLearningRate } from "../optimizers";
import { internals, trainedParts } from "../tfjs";
import { compileSteps } from "./compile";
import { CompiledSteps } from "./compiledSteps";
import { EagerStep } from "./eager";
import { fusedOptimizer, prepareOptimizer } from "./optimizers";
import type { Batch, RunnerOptions, StepRunner } from "./step";
import type { StepRequest, TensorSpec, TrainedBy } from "./traceStep";
import { fromHost } from "./variables";

/** The steps that were compiled for batches of one kind. */
interface Unit {
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
  private readonly units = new Map<string, Unit>();
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
    const unit = await this.unitFor(batch);
    const learningRate = getLearningRate(this.model);
    const results = await unit.steps.run("train", tensorsOf(batch), { learningRate });
    this.newest = unit;
    this.uncounted++;
    return scalars(results);
  }

  async evaluate(batch: Batch): Promise<number[]> {
    const unit = await this.unitFor(batch);
    return scalars(await unit.steps.run("evaluate", tensorsOf(batch)));
  }

  async predict(xs: Tensor[]): Promise<Tensor[]> {
    const unit = await this.unitFor({ xs, ys: [], size: xs[0]!.shape[0]! });
    const results = await unit.steps.run("predict", xs);
    return results.map((result, i) => {
      const output = internals(this.model).outputs[i]!;
      return fromHost(result, output.dtype);
    });
  }

  async pull(): Promise<void> {
    await this.newest?.steps.pull();
    const optimizer = internals(this.model).optimizer_ as { iterations_?: number } | undefined;
    if (this.uncounted > 0 && optimizer !== undefined) {
      optimizer.iterations_ = (optimizer.iterations_ ?? 0) + this.uncounted;
    }
    this.uncounted = 0;
  }

  async push(): Promise<void> {
    await this.newest?.steps.push();
  }

  dispose(): void {
    for (const { steps } of this.units.values()) steps.dispose();
    this.units.clear();
    this.newest = undefined;
  }

  /** The compiled steps for a batch, with the newest weights. */
  private async unitFor(batch: Batch): Promise<Unit> {
    const kind = JSON.stringify(specsOf(batch)) + presence(batch);
    let unit = this.units.get(kind);
    if (unit === undefined) {
      unit = await this.compile(batch);
      this.units.set(kind, unit);
    }
    if (unit !== this.newest) {
      await this.pull();
      await unit.steps.push();
      this.newest = unit;
    }
    return unit;
  }

  private async compile(batch: Batch): Promise<Unit> {
    const { mode, precision } = this.options;
    const inputs = specsOf(batch);
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
    return { steps };
  }

  private optimizer(): TrainedBy | undefined {
    const { weights } = trainedParts(this.model);
    if (weights.length === 0) return undefined;
    const optimizer = internals(this.model).optimizer_ as unknown as TrainedBy["optimizer"];
    prepareOptimizer(
      optimizer,
      weights.map((weight) => weight.read()),
    );
    // A constraint follows the update, so the update must be part of the trace.
    const isConstrained = weights.some((weight) => Boolean(weight.constraint));
    return { optimizer, fused: isConstrained ? undefined : fusedOptimizer(optimizer) };
  }
}

function tensorsOf({ xs, ys, sampleWeights = [] }: Batch): Tensor[] {
  return [...xs, ...ys, ...sampleWeights.filter((weights) => weights !== undefined)];
}

function specsOf(batch: Batch): TensorSpec[] {
  return tensorsOf(batch).map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }));
}

/** Which outputs have sample weights; two batches of equal tensors may differ in that. */
function presence({ ys, sampleWeights }: Batch): string {
  return ys.map((_, i) => (sampleWeights?.[i] === undefined ? "-" : "w")).join("");
}

/** Makes batches of the same form as `model` from the list of their tensors. */
function rebuilder(model: Batch): (tensors: Tensor[]) => Batch {
  return (tensors) => {
    const rest = [...tensors];
    const xs = rest.splice(0, model.xs.length);
    const ys = rest.splice(0, model.ys.length);
    const sampleWeights = model.sampleWeights?.map((weights) =>
      weights === undefined ? undefined : rest.shift(),
    );
    return { xs, ys, sampleWeights, size: tensors[0]!.shape[0]! };
  };
}

function scalars([packed]: HostTensor[]): number[] {
  return Array.from(packed!.data as Float32Array);
}
