/** Callbacks that change the learning rate. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import {
  checkFunction,
  checkNumber,
  checkVerbose,
  checkWhole,
  rejectUnknownOptions,
} from "../../checks";
import { getLearningRate, setLearningRate } from "../../optimizers";
import { type Callback, LibraryCallback, type Logs } from "./callback";
import { Monitor, type MonitorOptions } from "./monitor";

/** Options of `callbacks.reduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied with, in (0, 1). @default 0.1 */
  factor?: number;
  /** Epochs without improvement to wait for one. @default 10 */
  patience?: number;
  /** 1 prints when the rate changes. @default 0 */
  verbose?: 0 | 1;
  /** Changes up to this size are no improvement. @default 0.0001 */
  minDelta?: number;
  /** Epochs after a change in which nothing is counted. @default 0 */
  cooldown?: number;
  /** The rate does not fall below this. @default 0 */
  minLR?: number;
}

/** The rate as Keras has it in logs: a float32. */
const loggedRate = (model: LayersModel) => Math.fround(getLearningRate(model));

/** What `reduceLROnPlateau` remembers from epoch to epoch. */
interface PlateauState {
  best?: number;
  wait: number;
  cooldownLeft: number;
}

class ReduceLROnPlateau extends LibraryCallback {
  private readonly monitor: Monitor;
  private best: number | undefined;
  private wait = 0;
  private cooldownLeft = 0;

  constructor(private readonly options: ReduceLROnPlateauOptions) {
    super();
    rejectUnknownOptions(
      options,
      {
        monitor: true,
        mode: true,
        minDelta: true,
        factor: true,
        patience: true,
        verbose: true,
        cooldown: true,
        minLR: true,
      },
      "reduceLROnPlateau",
    );
    const { minDelta = 1e-4 } = options;
    checkNumber("factor", options.factor, { above: 0, below: 1 });
    checkWhole("patience", options.patience, { low: 0 });
    checkWhole("cooldown", options.cooldown, { low: 0 });
    checkNumber("minLR", options.minLR, { low: 0 });
    checkVerbose(options.verbose);
    this.monitor = new Monitor({ ...options, minDelta }, "reduceLROnPlateau");
  }

  override onTrainBegin(): void {
    this.best = undefined;
    this.wait = 0;
    this.cooldownLeft = 0;
  }

  identity(): object {
    const { verbose: _, ...options } = this.options;
    return { reduceLROnPlateau: options };
  }

  getState(): PlateauState {
    const { best, wait, cooldownLeft } = this;
    return { best, wait, cooldownLeft };
  }

  setState({ best, wait, cooldownLeft }: PlateauState): void {
    this.best = best;
    this.wait = wait;
    this.cooldownLeft = cooldownLeft;
  }

  addLogs(logs: Logs): void {
    logs.learning_rate = loggedRate(this.model);
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const { patience = 10, cooldown = 0 } = this.options;
    this.addLogs(logs);
    const current = this.monitor.valueIn(logs);
    if (current === undefined) return;
    if (this.cooldownLeft > 0) {
      this.cooldownLeft--;
      this.wait = 0;
    }
    if (this.monitor.isBetter(current, this.best)) {
      this.best = current;
      this.wait = 0;
    } else if (this.cooldownLeft === 0) {
      this.wait++;
      if (this.wait >= patience && this.reduce(epoch)) {
        this.cooldownLeft = cooldown;
        this.wait = 0;
      }
    }
  }

  private reduce(epoch: number): boolean {
    const { factor = 0.1, minLR = 0, verbose = 0 } = this.options;
    const old = getLearningRate(this.model);
    if (old <= minLR) return false;
    const reduced = Math.max(old * factor, minLR);
    setLearningRate(this.model, reduced);
    if (verbose > 0) {
      console.log(`Epoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${reduced}.`);
    }
    return true;
  }
}

/**
 * Lowers the learning rate when a number has stopped improving; `learning_rate` joins the history.
 *
 * @throws InvalidArgumentError for an option outside what is allowed, or a `monitor` whose name tells no direction.
 * @example
 * import { callbacks, type FitOptions } from "convnets";
 * const options: FitOptions = {
 *   epochs: 30,
 *   callbacks: callbacks.reduceLROnPlateau({ factor: 0.5, patience: 4, minLR: 1e-6 }),
 * };
 * @see https://keras.io/api/callbacks/reduce_lr_on_plateau/
 */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Callback {
  return new ReduceLROnPlateau(options);
}

/** Options of `callbacks.learningRateScheduler`. */
export interface LearningRateSchedulerOptions {
  /** 1 prints the rate of each epoch. @default 0 */
  verbose?: 0 | 1;
}

/** The rate of an epoch, counted from 0, from the rate before it. */
export type Schedule = (epoch: number, learningRate: number) => number;

class LearningRateScheduler extends LibraryCallback {
  constructor(
    private readonly schedule: Schedule,
    private readonly options: LearningRateSchedulerOptions,
  ) {
    super();
    rejectUnknownOptions(options, { verbose: true }, "learningRateScheduler");
    checkVerbose(options.verbose);
    const what = "a function of the epoch and the learning rate";
    checkFunction("schedule", schedule, { what, required: true });
  }

  override onEpochBegin(epoch: number): void {
    const rate = this.schedule(epoch, getLearningRate(this.model));
    setLearningRate(this.model, rate);
    if (this.options.verbose) {
      console.log(`Epoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${rate}.`);
    }
  }

  override onEpochEnd(_epoch: number, logs: Logs = {}): void {
    this.addLogs(logs);
  }

  identity(): object {
    return { learningRateScheduler: this.schedule };
  }

  addLogs(logs: Logs): void {
    logs.learning_rate = loggedRate(this.model);
  }
}

/**
 * Sets the learning rate before each epoch; `learning_rate` joins the history.
 *
 * @param schedule Gives the rate of an epoch.
 * @throws InvalidArgumentError when `schedule` is no function.
 * @example
 * import { callbacks, type FitOptions } from "convnets";
 * const options: FitOptions = {
 *   epochs: 30,
 *   callbacks: callbacks.learningRateScheduler((epoch, rate) => (epoch < 10 ? rate : rate * 0.9)),
 * };
 * @see https://keras.io/api/callbacks/learning_rate_scheduler/
 */
export function learningRateScheduler(
  schedule: Schedule,
  options: LearningRateSchedulerOptions = {},
): Callback {
  return new LearningRateScheduler(schedule, options);
}
