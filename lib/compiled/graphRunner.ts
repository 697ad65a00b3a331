/** Runs a model's steps as TensorFlow graphs. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { HostTensor } from "../graph";
import { addIterations, functionalOf, optimizerOf } from "../tfjs";
import { compileSteps } from "./compile";
import type { LoopListener } from "./compiledSteps";
import { EagerStep } from "./eager";
import { jitListener, usesXla } from "./jit";
import { checkSizes } from "./limits";
import { nextLearningRates, trainedBy } from "./optimizers";
import { type OpenUnit, park, unpark } from "./parked";
import { joinParts, partsOf, sizesOf, unevenParts } from "./parts";
import { numbersOf, rebuilder } from "./rebuilt";
import type { Batch, CallOptions, ReadWeights, RunnerOptions, StepRunner } from "./step";
import type { StepRequest } from "./stepRequest";
import { WorkerStep } from "./together";
import { Turns } from "./turns";
import { columnsOf, specOf, Unit } from "./unit";
import { sourceOfStep } from "./userCode";
import { Worth } from "./worth";

const EACH_GRAPH =
  "Each shape of batches needs a graph of its own, and so does each value that a callback changes in a layer.";

/**
 * Compiles at the first batch, whose shapes it needs, and again when a batch of another kind comes.
 *
 * While it trains, the session's weights run ahead of the model's; `pull` brings them back.
 */
export class GraphRunner implements StepRunner {
  readonly kind = "graph";
  private made: EagerStep | undefined;
  private readonly units: OpenUnit[] = [];
  /** Somebody beside the steps may ask for the weights, which must be those of one step. */
  private readonly turns = new Turns();
  /** The unit whose session has the newest weights. */
  private newest: OpenUnit | undefined;
  private readonly worth = new Worth(EACH_GRAPH);
  private readonly listener: LoopListener;
  /** Whether the next step begins with the chief's variables. */
  private isToShare: boolean;

  constructor(
    private readonly model: LayersModel,
    private readonly options: RunnerOptions & { reading: ReadWeights },
  ) {
    this.isToShare = options.group !== undefined;
    this.listener = jitListener(model, options);
    // What is trained is what was trainable when the run began.
    if (options.mode === "train") void this.step;
  }

  /** The step that graphs are made from; a run of parked ones needs none. */
  private get step(): EagerStep {
    const parties = this.options.group ?? this.options.devices;
    this.made ??=
      parties === undefined
        ? new EagerStep(this.model, this.options)
        : new WorkerStep(this.model, this.options, parties);
    return this.made;
  }

  /** A batch as the steps take it: for each device its part. */
  private columnsOf(batch: Batch): HostTensor[] {
    return partsOf(batch, this.options.devices).flatMap(columnsOf);
  }

  async train(batch: Batch): Promise<number[]> {
    const [results] = await this.trainMany([batch]);
    return results!;
  }

  trainMany(batches: readonly Batch[], options: CallOptions = {}): Promise<number[][]> {
    return this.turns.take(() => this.guard(() => this.trainSteps(batches, options)));
  }

  evaluate(batch: Batch): Promise<number[]> {
    return this.turns.take(() => this.guard(() => this.evaluateStep(batch)));
  }

  predict(batch: Batch): Promise<HostTensor[]> {
    return this.turns.take(() => this.guard(() => this.predictStep(batch)));
  }

  private guard<T>(step: () => Promise<T>): Promise<T> {
    const { group } = this.options;
    return group === undefined ? step() : group.guard(step);
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

  share(): void {
    this.isToShare = this.options.group !== undefined;
  }

  dispose(): void {
    for (const opened of this.units) park(this.model, opened, this.options);
    this.units.length = 0;
    this.newest = undefined;
  }

  private async trainSteps(
    batches: readonly Batch[],
    { plainly }: CallOptions,
  ): Promise<number[][]> {
    const columns = batches.map((batch) => this.columnsOf(batch));
    const { unit, steps } = await this.unitFor(batches[0]!, columns[0]!);
    const other = batches.findIndex((batch, i) => i > 0 && !unit.isReadyFor(batch, columns[i]!));
    const inputs = other < 0 ? columns : columns.slice(0, other);
    this.worth.count(inputs.length - 1);
    const optimizer = optimizerOf(functionalOf(this.model));
    const learningRates = optimizer && nextLearningRates(optimizer, inputs.length);
    const use = { learningRates, plainly, listener: this.listener };
    const { results, failure } = await steps.runEach("train", inputs, use);
    if (optimizer !== undefined) addIterations(optimizer, results.length);
    if (failure !== undefined) throw failure;
    return results.map(numbersOf);
  }

  private async evaluateStep(batch: Batch): Promise<number[]> {
    const inputs = this.columnsOf(batch);
    const { steps } = await this.unitFor(batch, inputs);
    return numbersOf(await steps.run("evaluate", inputs));
  }

  private async predictStep({ xs, size }: Batch): Promise<HostTensor[]> {
    const { devices } = this.options;
    const batch = { xs, ys: [], size };
    const columns = partsOf(batch, devices).flatMap((part) => part.xs);
    const { steps } = await this.unitFor(batch, columns);
    const outputs = await steps.run("predict", columns);
    return devices === undefined ? outputs : joinParts(outputs, devices, size);
  }

  private async bringBack(): Promise<void> {
    await this.newest?.steps.pull();
  }

  /** The compiled steps for a batch, with the newest weights. */
  private unitFor(batch: Batch, columns: readonly HostTensor[]): OpenUnit | Promise<OpenUnit> {
    this.worth.count();
    if (this.isToShare) return this.sharedUnit(batch, columns);
    if (this.newest?.unit.isReadyFor(batch, columns)) return this.newest;
    return this.changeUnit(batch, columns);
  }

  /** The same with the chief's variables. */
  private async sharedUnit(batch: Batch, columns: readonly HostTensor[]): Promise<OpenUnit> {
    this.isToShare = false;
    const opened = await this.unitFor(batch, columns);
    await opened.steps.broadcast();
    return opened;
  }

  private async changeUnit(batch: Batch, columns: readonly HostTensor[]): Promise<OpenUnit> {
    const { mode, devices } = this.options;
    checkSizes(this.model, { size: sizesOf(batch.size, devices)[0]!, mode });
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
    const parked = await unpark(this.model, { batch, columns }, this.options);
    const opened = parked ?? (await this.compileAndOpen(batch, columns));
    this.units.push(opened);
    return opened;
  }

  private async compileAndOpen(batch: Batch, columns: readonly HostTensor[]): Promise<OpenUnit> {
    const unit = await this.compile(batch, columns);
    if (!unit.isFor(batch, columns) || !unit.holdsAt(batch.size)) throw unevenParts();
    return { unit, steps: await unit.open(this.options.group) };
  }

  private async compile(batch: Batch, columns: readonly HostTensor[]): Promise<Unit> {
    if (this.options.engine === "auto") this.worth.check();
    const { objective, precision, group, devices } = this.options;
    const source = sourceOfStep(this.model, objective);
    const specs = columns.map(specOf);
    const inputs = specs.slice(0, specs.length / (devices?.size ?? 1));
    const requests = this.requests(batch, { inputs, source });
    const sizes = sizesOf(batch.size, devices);
    const loops = usesXla(this.model, this.options);
    const compiled = await compileSteps(requests, { precision, group, devices, sizes, loops });
    return new Unit(compiled, { batch, specs, devices }, source);
  }

  private requests(
    batch: Batch,
    { inputs, source }: Pick<StepRequest, "inputs" | "source">,
  ): StepRequest[] {
    const { mode, devices } = this.options;
    const common = { inputs, source, size: sizesOf(batch.size, devices)[0]! };
    if (mode === "predict") {
      const run = (tensors: Tensor[]) => this.step.predict(tensors);
      return [{ ...common, name: "predict", run, packed: false }];
    }
    const rebuild = rebuilder(partsOf(batch, devices)[0]!);
    const evaluate = (tensors: Tensor[]) => this.step.evaluate(rebuild(tensors));
    const requests: StepRequest[] = [{ ...common, name: "evaluate", run: evaluate, packed: true }];
    if (mode === "train") {
      const run = (tensors: Tensor[]) => this.step.train(rebuild(tensors));
      const optimizer = trainedBy(this.model);
      requests.unshift({ ...common, name: "train", run, packed: true, optimizer });
    }
    return requests;
  }
}
