/** The loop over epochs and steps. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { Batch, StepRunner } from "../compiled";
import { getRandomState, setRandomState } from "../engine";
import type { LiveLine } from "../notebook";
import { type Objective, RunningMetrics } from "../objectives";
import { KerasOptimizer } from "../optimizers";
import type { LivePlot } from "../plot";
import { type Claim, optimizerOf } from "../tfjs";
import type { BatchSource } from "./batches";
import type {
  CallbackLike,
  CallbackParams,
  EpochRecord,
  KeptRun,
  Position,
  TrainingSession,
} from "./callbacks";
import { CallbackList } from "./callbacks";
import { measure } from "./evaluate";
import { Feed, warnOfShortData } from "./feed";
import { History } from "./history";
import { identifyRun, type RunIdentity } from "./identity";
import { Interruption, yieldToEventLoop } from "./interruption";
import { finalText, once, openProgressLine, Progress, showText, type Verbosity } from "./progress";
import type { Stride } from "./stride";
import type { Team } from "./team";
import type { Agreement } from "./teamFacts";

/** What a run consists of. */
export interface LoopSettings {
  objective: Objective;
  runner: StepRunner;
  claim: Claim;
  training: BatchSource;
  validation: BatchSource | undefined;
  epochs: number;
  initialEpoch: number;
  stepsPerEpoch: number | undefined;
  /** How many steps are taken at once. */
  stride: Stride;
  validationSteps: number | undefined;
  validationFreq: number | number[];
  callbacks: CallbackLike | CallbackLike[] | undefined;
  verbose: Verbosity;
  livePlot: LivePlot | undefined;
  /** The workers that train together. */
  team: Team | undefined;
  /** As the user gave it. */
  batchSize: number | undefined;
  /** Options that change results, but for the data's own. */
  identity: object;
}

/** One run of `fit`; use it once. */
export class TrainingLoop implements TrainingSession {
  private readonly callbacks: CallbackList;
  private readonly history: History;
  private readonly interruption: Interruption;
  private readonly metrics: RunningMetrics;
  /** One for all epochs: a cell shows some fifty outputs, a run may have more epochs. */
  private readonly line: LiveLine | undefined;
  private readonly feed: Feed;
  private readonly epochs: EpochRecord[] = [];
  private epoch: number;
  private step = 0;
  private resumed: KeptRun | undefined;

  constructor(
    readonly model: LayersModel,
    private readonly settings: LoopSettings,
  ) {
    const { epochs, verbose, objective, runner, claim } = settings;
    this.epoch = settings.initialEpoch;
    this.metrics = new RunningMetrics(objective);
    this.feed = new Feed(settings.training);
    const access = {
      async pull() {
        await runner.pull();
        claim.isOpen = true;
      },
      async push() {
        claim.isOpen = false;
        await runner.push();
      },
    };
    const { isChief } = settings.team ?? {};
    this.callbacks = new CallbackList(settings.callbacks, access, { isChief });
    const params: CallbackParams = { verbose, epochs, steps: this.stepsOfEpoch() };
    this.history = new History(params);
    if (settings.livePlot !== undefined) this.history.drawnHere();
    this.callbacks.start(model, params, this);
    this.line = openProgressLine(verbose);
    Object.assign(model, { history: this.history }); // as Keras does: it is there however the run ends
    this.interruption = new Interruption(); // last: what throws before it leaves nobody listening
    this.callbacks.waitWith(this.interruption);
  }

  /** Trains to the end, or until a callback or the user stops it. */
  async run(): Promise<History> {
    const { runner, livePlot } = this.settings;
    try {
      await this.train();
      await runner.pull();
      await this.settings.team?.finish(this.model);
      return this.history;
    } catch (error) {
      // The model keeps the last finished step, too; if even that fails, the first error says more.
      await runner.pull().catch(() => undefined);
      throw error;
    } finally {
      this.interruption.dispose();
      this.callbacks.close();
      this.line?.finish(); // after an error, too, the last step stays to be seen
      livePlot?.finish();
      await this.feed.close();
    }
  }

  private async train(): Promise<void> {
    const { team } = this.settings;
    this.model.stopTraining = false;
    await team?.agree(
      this.model,
      {
        ...this.settings.identity,
        ...pick(this.settings),
      },
      this.callbacks,
    );
    await this.callbacks.call("onTrainBegin");
    if (team !== undefined) await this.goOnTogether(team);
    await this.goOn();
    while (!this.isOver()) await this.runEpoch();
    await this.finalize();
    await this.callbacks.call("onTrainEnd", this.epochs.at(-1)?.logs);
  }

  /** As in Keras, the weights become their moving averages, if the optimizer keeps some. */
  private async finalize(): Promise<void> {
    const { runner } = this.settings;
    const optimizer = optimizerOf(this.model);
    if (!(optimizer instanceof KerasOptimizer) || !optimizer.keepsAverages) return;
    await runner.pull();
    optimizer.finalizeVariableValues();
    await runner.push();
  }

  private isOver(): boolean {
    return this.epoch >= this.settings.epochs || this.model.stopTraining;
  }

  pull(): Promise<void> {
    return this.settings.runner.pull();
  }

  push(): Promise<void> {
    return this.settings.runner.push();
  }

  async keep(): Promise<KeptRun> {
    const { epochs, model } = this;
    const position: Position = {
      epoch: this.epoch,
      step: this.step,
      training: this.feed.getState(),
      validationOrder: this.settings.validation?.getOrder(),
      random: getRandomState(),
      metrics: this.metrics.getState(),
    };
    const callbacks = await this.callbacks.getStates();
    return { position, epochs, stopped: model.stopTraining, callbacks };
  }

  resume(run: KeptRun): void {
    this.resumed = run;
    this.epoch = run.position.epoch;
  }

  identify(): Promise<RunIdentity> {
    const { training, validation, identity } = this.settings;
    const { stepsPerEpoch, validationSteps, validationFreq, initialEpoch } = this.settings;
    const options = { ...identity, stepsPerEpoch, validationSteps, validationFreq, initialEpoch };
    const callbacks = this.callbacks.identities();
    return identifyRun(this.model, { training, validation, options, callbacks });
  }

  obstacle(run: KeptRun): Promise<string | undefined> {
    return this.callbacks.obstacle(run.callbacks);
  }

  get epochsWanted(): number {
    return this.settings.epochs;
  }

  say(text: string): void {
    showText(text, { verbose: this.settings.verbose, line: this.line });
  }

  /** Brings everything but the model's weights to where a kept run stands. */
  private async goOn(): Promise<void> {
    if (this.resumed === undefined) return;
    const { callbacks, epochs, stopped, position } = this.resumed;
    for (const record of epochs) this.takeEpoch(record);
    this.callbacks.setStates(callbacks);
    this.model.stopTraining = stopped;
    await this.feed.setState(position.training, { mayRead: !this.isOver() });
    await this.settings.validation?.setOrder(position.validationOrder, { mayRead: false });
    setRandomState(position.random);
  }

  /** Takes over from where the chief begins. */
  private async goOnTogether(team: Team): Promise<void> {
    const run = await team.begin(this.model, this.resumed);
    if (run !== undefined && !team.isChief) this.resume({ ...run, callbacks: [] });
  }

  /** An epoch that an earlier process has trained. */
  private takeEpoch(record: EpochRecord): void {
    const { epoch, logs } = record;
    this.announceEpoch(epoch);
    this.say(finalText(this.settings.verbose, record, Object.entries(logs)));
    this.callbacks.takeEpoch(epoch, logs);
    this.record(record);
  }

  private record(record: EpochRecord): void {
    this.epochs.push(record);
    this.history.add(record.epoch, record.logs, record.seconds);
    this.settings.livePlot?.update(this.history);
  }

  private async runEpoch(): Promise<void> {
    const { verbose, validation, validationSteps, runner, claim, objective } = this.settings;
    const { epoch, metrics } = this;
    this.beginEpoch();
    this.announceEpoch(epoch);
    claim.isOpen = false;
    await runner.push(); // in between another cell or a timer may have changed something
    const progress = new Progress(verbose, this.stepsOfEpoch(), this.line);
    await this.callbacks.callAt("onEpochBegin", epoch);
    await this.settings.team?.decide(this.model);
    runner.share();
    await this.takeSteps(progress);
    await runner.pull(); // for whoever looks without a callback
    const logs = metrics.result();
    if (validation !== undefined && this.isValidated(epoch)) {
      const { callbacks, interruption } = this;
      const { team } = this.settings;
      const use = { objective, callbacks, interruption, steps: validationSteps, team };
      for (const [name, value] of Object.entries(await measure(runner, validation, use))) {
        logs[`val_${name}`] = value;
      }
    }
    const shown = { ...logs };
    this.callbacks.addLogs(shown);
    const work = progress.finish(shown);
    await this.callbacks.callAt("onEpochEnd", epoch, () => logs);
    this.record({ epoch, logs, ...work });
    this.epoch++;
    this.step = 0;
    await this.callbacks.afterEpoch();
    await this.settings.team?.decide(this.model);
  }

  private announceEpoch(epoch: number): void {
    const { epochs } = this.settings;
    if (epochs > 1) this.say(`Epoch ${epoch + 1}/${epochs}`);
  }

  private async takeSteps(progress: Progress): Promise<void> {
    const { runner, team, stepsPerEpoch = Infinity } = this.settings;
    const knowsEnd = (await team?.agreeOnSteps(this.settings.training.steps)) ?? true;
    while (this.step < stepsPerEpoch) {
      const batches = await this.feed.next(Math.min(this.stride(), stepsPerEpoch - this.step));
      if (!knowsEnd && (await team!.isAnyOver(batches.length === 0))) {
        for (const batch of batches.splice(0)) batch.release?.();
      }
      if (batches.length === 0) {
        if (stepsPerEpoch !== Infinity) warnOfShortData();
        return;
      }
      try {
        this.interruption.check(() => `epoch ${this.epoch + 1}, step ${this.step + 1}`);
        await team?.agreeOnBatch(batches[0]);
        await this.callbacks.callAt("onTrainBatchBegin", this.step);
        if (team?.watchesSteps) await team.decide(this.model);
        if (team?.touchesSteps) runner.share();
        const trained = await this.trainOn(batches);
        this.feed.putBack(batches.splice(trained));
      } finally {
        for (const batch of batches) batch.release?.();
      }
      const logs = once(() => this.metrics.result());
      await this.callbacks.callAt("onTrainBatchEnd", this.step - 1, logs);
      await this.callbacks.afterStep();
      progress.update(this.step, logs);
      if (team?.watchesSteps) await team.decide(this.model);
      // Among several, what one has heard between two steps counts when the epoch is over, for all.
      if (this.model.stopTraining && (team?.watchesSteps ?? true)) break;
      if (runner.kind === "eager") await yieldToEventLoop();
    }
    await this.feed.closeIfUsedUp();
  }

  /** How many steps may be taken at once. */
  private stride(): number {
    const { runner } = this.settings;
    const watchesSteps = this.settings.team?.watchesSteps ?? this.callbacks.watchesSteps;
    return runner.kind === "eager" || watchesSteps ? 1 : this.settings.stride.steps;
  }

  /** Takes a step for each batch, or for as many of the first as go together, and says for how many. */
  private async trainOn(batches: readonly Batch[]): Promise<number> {
    const { runner, stride, stepsPerEpoch = Infinity } = this.settings;
    const begun = performance.now();
    const working = runner.trainMany(batches, { plainly: stride.isTrying });
    this.feed.readAhead(Math.min(batches.length, stepsPerEpoch - this.step - batches.length));
    const results = await working;
    results.forEach((values, i) => {
      this.metrics.add(values, batches[i]!.share?.of ?? batches[i]!.size);
    });
    this.step += results.length;
    stride.took(batches.slice(0, results.length), performance.now() - begun);
    return results.length;
  }

  private beginEpoch(): void {
    const { step = 0, metrics } = this.resumed?.position ?? {};
    this.step = step;
    if (step > 0) this.metrics.setState(metrics!);
    else this.metrics.reset();
    this.resumed = undefined;
  }

  private stepsOfEpoch(): number | undefined {
    return this.settings.stepsPerEpoch ?? this.settings.training.steps;
  }

  private isValidated(epoch: number): boolean {
    const { validationFreq } = this.settings;
    return Array.isArray(validationFreq)
      ? validationFreq.includes(epoch + 1)
      : (epoch + 1) % validationFreq === 0;
  }
}

/** What must be equal on all workers, besides the model. */
function pick({ batchSize, epochs, initialEpoch, ...settings }: LoopSettings): Agreement {
  const { stepsPerEpoch, validationSteps, validationFreq, validation } = settings;
  const validates = validation !== undefined;
  return {
    ...{ batchSize, epochs, initialEpoch, stepsPerEpoch },
    ...{ validationSteps, validationFreq, validates },
  };
}
