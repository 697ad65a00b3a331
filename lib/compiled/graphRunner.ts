/** Runs a model's steps as TensorFlow graphs. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { HostTensor } from "../graph";
import {
  addIterations,
  functionalOf,
  learningRateOf,
  optimizerOf,
  runsUserCode,
  trainedParts,
} from "../tfjs";
import { compileSteps } from "./compile";
import type { CompiledSteps } from "./compiledSteps";
import { EagerStep, type TensorBatch } from "./eager";
import { checkSizes } from "./limits";
import { fusedOptimizer, prepareOptimizer } from "./optimizers";
import { park, unpark } from "./parked";
import type { Batch, ReadWeights, RunnerOptions, StepRunner } from "./step";
import type { StepRequest, TrainedBy } from "./stepRequest";
import { Turns } from "./turns";
import { columnsOf, specOf, Unit } from "./unit";
import { sourceOfStep } from "./userCode";
import { Worth } from "./worth";

/** A unit with the session that runs it. */
interface OpenUnit {
  unit: Unit;
  steps: CompiledSteps;
}

const EACH_GRAPH =
  "Each shape of batches needs a graph of its own, and so does each value that a callback changes in a layer.";

/**
 * Compiles at the first batch, whose shapes it needs, and again when a batch of another kind comes.
 *
 * While it trains, the session's weights run ahead of the model's; `pull` brings them back.
 */
export class GraphRunner implements StepRunner {
  readonly kind = "graph";
  private readonly step: EagerStep;
  private readonly units: OpenUnit[] = [];
  /** Somebody beside the steps may ask for the weights, which must be those of one step. */
  private readonly turns = new Turns();
  /** The unit whose session has the newest weights. */
  private newest: OpenUnit | undefined;
  private readonly worth = new Worth(EACH_GRAPH);

  constructor(
    private readonly model: LayersModel,
    private readonly options: RunnerOptions & { reading: ReadWeights },
  ) {
    this.step = new EagerStep(model, options.objective, options.mode);
  }

  train(batch: Batch): Promise<number[]> {
    return this.turns.take(() => this.trainStep(batch));
  }

  evaluate(batch: Batch): Promise<number[]> {
    return this.turns.take(() => this.evaluateStep(batch));
  }

  predict(batch: Batch): Promise<HostTensor[]> {
    return this.turns.take(() => this.predictStep(batch));
  }

  pull(): Promise<void> {
    return this.turns.take(() => this.bringBack());
  }

  push(): Promise<void> {
    return this.turns.take(async () => {
      for (const { unit } of this.units) unit.isDoubtful = true;
      if (this.newest !== undefined) await this.pushTo(this.newest);
    });
  }

  dispose(): void {
    for (const { unit, steps } of this.units) {
      steps.dispose();
      park(this.model, unit, this.options);
    }
    this.units.length = 0;
    this.newest = undefined;
  }

  private async trainStep(batch: Batch): Promise<number[]> {
    const inputs = columnsOf(batch);
    const opened = await this.unitFor(batch, inputs);
    const optimizer = optimizerOf(functionalOf(this.model));
    const learningRate = optimizer && learningRateOf(optimizer);
    const results = await opened.steps.run("train", inputs, { learningRate });
    if (optimizer !== undefined) addIterations(optimizer, 1);
    return numbersOf(results);
  }

  private async evaluateStep(batch: Batch): Promise<number[]> {
    const inputs = columnsOf(batch);
    const { steps } = await this.unitFor(batch, inputs);
    return numbersOf(await steps.run("evaluate", inputs));
  }

  private async predictStep({ xs, size }: Batch): Promise<HostTensor[]> {
    const { steps } = await this.unitFor({ xs, ys: [], size }, xs);
    return steps.run("predict", xs);
  }

  private async bringBack(): Promise<void> {
    await this.newest?.steps.pull();
  }

  /** The compiled steps for a batch, with the newest weights. */
  private unitFor(batch: Batch, columns: readonly HostTensor[]): OpenUnit | Promise<OpenUnit> {
    this.worth.count();
    if (this.newest?.unit.isReadyFor(batch, columns)) return this.newest;
    return this.changeUnit(batch, columns);
  }

  private async changeUnit(batch: Batch, columns: readonly HostTensor[]): Promise<OpenUnit> {
    checkSizes(this.model, { size: batch.size, mode: this.options.mode });
    const opened = (await this.usable(batch, columns)) ?? (await this.open(batch, columns));
    if (opened === this.newest) return opened;
    await this.bringBack();
    await this.pushTo(opened);
    this.newest = opened;
    return opened;
  }

  private pushTo({ steps }: OpenUnit): Promise<void> {
    return this.options.reading(() => steps.push());
  }

  /** A unit for the batch that still is what the user wrote. */
  private async usable(
    batch: Batch,
    columns: readonly HostTensor[],
  ): Promise<OpenUnit | undefined> {
    for (const opened of this.units.filter(({ unit }) => unit.isFor(batch, columns))) {
      const { unit } = opened;
      if (unit.isDoubtful && unit.change() !== undefined) await this.drop(opened);
      else if (unit.holdsAt(batch.size)) return opened;
    }
    return undefined;
  }

  private async drop(opened: OpenUnit): Promise<void> {
    if (this.newest === opened) {
      await this.bringBack();
      this.newest = undefined;
    }
    opened.steps.dispose();
    this.units.splice(this.units.indexOf(opened), 1);
  }

  /** Another unit, of an earlier run or a new one. */
  private async open(batch: Batch, columns: readonly HostTensor[]): Promise<OpenUnit> {
    const unit =
      unpark(this.model, { batch, columns }, this.options) ?? (await this.compile(batch, columns));
    const opened = { unit, steps: await unit.open() };
    this.units.push(opened);
    return opened;
  }

  private async compile(batch: Batch, columns: readonly HostTensor[]): Promise<Unit> {
    if (this.options.engine === "auto") this.worth.check();
    const { objective, precision } = this.options;
    const source = sourceOfStep(this.model, objective);
    const requests = this.requests(batch, { inputs: columns.map(specOf), source });
    return new Unit(await compileSteps(requests, { precision }), batch, source);
  }

  private requests(
    batch: Batch,
    { inputs, source }: Pick<StepRequest, "inputs" | "source">,
  ): StepRequest[] {
    const { mode } = this.options;
    const common = { inputs, source, size: batch.size };
    if (mode === "predict") {
      const run = (tensors: Tensor[]) => this.step.predict(tensors);
      return [{ ...common, name: "predict", run, packed: false }];
    }
    const rebuild = rebuilder(batch);
    const evaluate = (tensors: Tensor[]) => this.step.evaluate(rebuild(tensors));
    const requests: StepRequest[] = [{ ...common, name: "evaluate", run: evaluate, packed: true }];
    if (mode === "train") {
      const run = (tensors: Tensor[]) => this.step.train(rebuild(tensors));
      const optimizer = this.optimizer();
      requests.unshift({ ...common, name: "train", run, packed: true, optimizer });
    }
    return requests;
  }

  private optimizer(): TrainedBy | undefined {
    const { weights } = trainedParts(this.model);
    if (weights.length === 0) return undefined;
    const optimizer = functionalOf(this.model).optimizer;
    prepareOptimizer(
      optimizer,
      weights.map((weight) => weight.read()),
    );
    // A constraint follows the update, so the update must be part of the trace; so must a user's own.
    const isTraced =
      weights.some((weight) => Boolean(weight.constraint)) || runsUserCode(optimizer);
    return { optimizer, fused: isTraced ? undefined : fusedOptimizer(optimizer) };
  }
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

function numbersOf([packed]: HostTensor[]): number[] {
  return Array.from(packed!.data as Float32Array);
}
