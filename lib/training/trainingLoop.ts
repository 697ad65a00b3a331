/** The loop over epochs and steps. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { getRandomState, setRandomState, tf } from "../engine";
import type { LiveLine } from "../notebook";
import type { LivePlot } from "../plot";
import type { BatchSource, Pass } from "./batches";
import type { CallbackLike, CallbackParams, Logs } from "./callbacks/callback";
import { CallbackList } from "./callbacks/list";
import type { Position, TrainingSession } from "./callbacks/session";
import { measure } from "./evaluate";
import { History } from "./history";
import { Interruption, yieldToEventLoop } from "./interruption";
import { type Objective, RunningMetrics } from "./objective";
import { openProgressLine, Progress, type Verbosity } from "./progress";
import type { Batch, StepRunner } from "./step";

/** What a run consists of. */
export interface LoopSettings {
  objective: Objective;
  runner: StepRunner;
  training: BatchSource;
  validation: BatchSource | undefined;
  epochs: number;
  initialEpoch: number;
  stepsPerEpoch: number | undefined;
  validationSteps: number | undefined;
  validationFreq: number | number[];
  callbacks: CallbackLike | CallbackLike[] | undefined;
  verbose: Verbosity;
  livePlot: LivePlot | undefined;
}

/** One run of `fit`; use it once. */
export class TrainingLoop implements TrainingSession {
  private readonly callbacks: CallbackList;
  private readonly history: History;
  private readonly interruption: Interruption;
  private readonly metrics: RunningMetrics;
  /** One for all epochs: a cell shows some fifty outputs, a run may have more epochs. */
  private readonly line: LiveLine | undefined;
  /** The data in use; it goes on over several epochs when `stepsPerEpoch` is given. */
  private pass: Pass | undefined;
  private upcoming: Promise<Batch | undefined> | undefined;
  private stepsOfPass = 0;
  private passesOver = 0;
  private randomBeforePass = getRandomState();
  private epoch: number;
  private step = 0;
  private resumed: Position | undefined;

  constructor(
    readonly model: LayersModel,
    private readonly settings: LoopSettings,
  ) {
    const { epochs, verbose, objective, runner } = settings;
    this.epoch = settings.initialEpoch;
    this.metrics = new RunningMetrics(objective);
    this.callbacks = new CallbackList(settings.callbacks, runner);
    const params: CallbackParams = { verbose, epochs, steps: this.stepsOfEpoch() };
    this.history = new History(params);
    this.callbacks.start(model, params, this);
    this.line = openProgressLine(verbose);
    this.interruption = new Interruption(); // last: what throws before it leaves nobody listening
  }

  /** Trains to the end, or until a callback or the user stops it. */
  async run(): Promise<History> {
    const { runner, livePlot } = this.settings;
    try {
      await this.train();
      await runner.pull();
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
      await this.closePass();
    }
  }

  private async train(): Promise<void> {
    this.model.stopTraining = false;
    await this.callbacks.call("onTrainBegin");
    await this.reopenPass();
    let logs: Logs | undefined;
    for (; this.epoch < this.settings.epochs && !this.model.stopTraining; this.epoch++) {
      logs = await this.runEpoch();
    }
    await this.callbacks.call("onTrainEnd", logs);
  }

  pull(): Promise<void> {
    return this.settings.runner.pull();
  }

  push(): Promise<void> {
    return this.settings.runner.push();
  }

  position(): Position {
    return {
      epoch: this.epoch,
      step: this.step,
      passesOver: this.passesOver,
      pass: this.pass && { random: this.randomBeforePass, steps: this.stepsOfPass },
      random: getRandomState(),
      metrics: this.metrics.getState(),
    };
  }

  resumeAt(position: Position): void {
    this.resumed = position;
    this.epoch = position.epoch;
  }

  private async runEpoch(): Promise<Logs> {
    const { verbose, validation, validationSteps, runner, objective } = this.settings;
    const { epoch, metrics } = this;
    this.beginEpoch();
    this.announceEpoch();
    const progress = new Progress(verbose, this.stepsOfEpoch(), this.line);
    await this.callbacks.callAt("onEpochBegin", epoch);
    await this.takeSteps(progress);
    const logs = metrics.result();
    if (validation !== undefined && this.isValidated(epoch)) {
      const { callbacks, interruption } = this;
      const use = { objective, callbacks, interruption, steps: validationSteps };
      for (const [name, value] of Object.entries(await measure(runner, validation, use))) {
        logs[`val_${name}`] = value;
      }
    }
    this.callbacks.addLogs(logs);
    progress.finish(logs);
    await this.callbacks.callAt("onEpochEnd", epoch, logs);
    this.history.add(epoch, logs);
    this.settings.livePlot?.update(this.history);
    return logs;
  }

  private announceEpoch(): void {
    const { epochs, verbose } = this.settings;
    if (verbose === 0 || epochs === 1) return;
    const text = `Epoch ${this.epoch + 1}/${epochs}`;
    if (this.line) this.line.keep(text);
    else process.stdout.write(`${text}\n`);
  }

  private async takeSteps(progress: Progress): Promise<void> {
    const { runner, training, stepsPerEpoch = Infinity } = this.settings;
    while (this.step < stepsPerEpoch) {
      const batch = await this.nextBatch();
      if (batch === undefined) {
        if (stepsPerEpoch !== Infinity) warnOfShortData();
        return;
      }
      try {
        this.interruption.check(() => `epoch ${this.epoch + 1}, step ${this.step + 1}`);
        await this.callbacks.callAt("onTrainBatchBegin", this.step);
        const results = runner.train(batch);
        if (this.step + 1 < stepsPerEpoch) this.readAhead();
        this.metrics.add(await results, batch.size);
      } finally {
        disposeBatch(batch);
      }
      this.step++;
      const logs = this.metrics.result();
      await this.callbacks.callAt("onTrainBatchEnd", this.step - 1, logs);
      progress.update(this.step, logs);
      if (this.model.stopTraining) break;
      if (runner.kind === "eager") await yieldToEventLoop();
    }
    // As in Keras: data of known length starts again when an epoch used it up.
    if (training.steps !== undefined && this.stepsOfPass >= training.steps) await this.closePass();
  }

  /** The next batch of the pass, which is opened when there is none and closed at its end. */
  private async nextBatch(): Promise<Batch | undefined> {
    const { training } = this.settings;
    if (this.pass === undefined) {
      this.randomBeforePass = getRandomState();
      this.pass = await training.open();
    }
    const batch = await (this.upcoming ?? this.pass.next());
    this.upcoming = undefined;
    if (batch === undefined) {
      await this.closePass();
      return undefined;
    }
    this.stepsOfPass++;
    return batch;
  }

  /** Prepares the next batch while TensorFlow's threads work on this one. */
  private readAhead(): void {
    if (this.pass === undefined || !this.settings.training.readsAhead) return;
    this.upcoming = this.pass.next();
    this.upcoming.catch(() => undefined); // reported when the batch is taken
  }

  private async closePass(): Promise<void> {
    const { pass, upcoming } = this;
    if (pass !== undefined) this.passesOver++;
    this.pass = undefined;
    this.upcoming = undefined;
    this.stepsOfPass = 0;
    const unused = await upcoming?.catch(() => undefined);
    if (unused !== undefined) disposeBatch(unused);
    await pass?.close();
  }

  /** Brings data and random numbers to where a resumed run left them. */
  private async reopenPass(): Promise<void> {
    if (this.resumed === undefined) return;
    const { pass, passesOver, random } = this.resumed;
    await this.settings.training.skipPasses(passesOver);
    this.passesOver = passesOver;
    if (pass !== undefined) {
      setRandomState(pass.random);
      for (let step = 0; step < pass.steps; step++) {
        const batch = await this.nextBatch();
        if (batch === undefined) break;
        disposeBatch(batch);
      }
    }
    setRandomState(random);
  }

  private beginEpoch(): void {
    this.step = this.resumed?.step ?? 0;
    if (this.step > 0) this.metrics.setState(this.resumed!.metrics);
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

function disposeBatch({ xs, ys, sampleWeights = [] }: Batch): void {
  tf.dispose([xs, ys, sampleWeights.filter((weight) => weight !== undefined)]);
}

function warnOfShortData(): void {
  console.warn(
    "The data ended before `stepsPerEpoch` steps; this epoch is shorter. Repeat the dataset to go on.",
  );
}
