/** Stops training that no longer gets better. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkNumber,
  checkVerbose,
  checkWhole,
  rejectUnknownOptions,
} from "../../checks";
import { allWeights, tf } from "../../tfjs";
import { type Callback, LibraryCallback, type Logs } from "./callback";
import { Monitor, type MonitorOptions } from "./monitor";

/** Options of `callbacks.earlyStopping`. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement to wait for one. @default 0 */
  patience?: number;
  /** 1 prints when training is stopped. @default 0 */
  verbose?: 0 | 1;
  /** Value to beat: without getting better than it, waiting goes on. @default none */
  baseline?: number;
  /** Go back to the weights of the best epoch at the end. @default false */
  restoreBestWeights?: boolean;
  /** Epochs at the beginning that don't count. @default 0 */
  startFromEpoch?: number;
}

/** What it remembers from epoch to epoch. */
interface State {
  wait: number;
  stoppedEpoch: number;
  best?: number;
  bestEpoch: number;
  weights?: Float32Array[];
}

class EarlyStopping extends LibraryCallback {
  private readonly monitor: Monitor;
  private readonly options: EarlyStoppingOptions;
  private wait = 0;
  private stoppedEpoch = 0;
  private best: number | undefined;
  private bestEpoch = 0;
  private bestWeights: Tensor[] | undefined;

  constructor(options: EarlyStoppingOptions) {
    super();
    rejectUnknownOptions(
      options,
      {
        monitor: true,
        mode: true,
        minDelta: true,
        patience: true,
        verbose: true,
        baseline: true,
        restoreBestWeights: true,
        startFromEpoch: true,
      },
      "earlyStopping",
    );
    checkWhole("patience", options.patience, { low: 0 });
    checkWhole("startFromEpoch", options.startFromEpoch, { low: 0 });
    checkNumber("baseline", options.baseline, { low: -Infinity, high: Infinity });
    checkBoolean("restoreBestWeights", options.restoreBestWeights);
    checkVerbose(options.verbose);
    this.monitor = new Monitor(options, "earlyStopping");
    this.options = options;
  }

  override onTrainBegin(): void {
    this.wait = 0;
    this.stoppedEpoch = 0;
    this.best = undefined;
    this.bestEpoch = 0;
    this.forgetWeights();
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const { patience = 0, baseline, startFromEpoch = 0 } = this.options;
    const current = this.monitor.valueIn(logs);
    if (current === undefined || epoch < startFromEpoch) return;
    if (this.bestWeights === undefined) this.keepWeights(epoch);
    this.wait++;
    if (this.monitor.isBetter(current, this.best)) {
      this.best = current;
      this.keepWeights(epoch);
      if (this.monitor.isBetter(current, baseline)) this.wait = 0;
    } else if (this.wait >= patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  override onTrainEnd(): void {
    const { verbose = 0 } = this.options;
    if (verbose > 0 && this.stoppedEpoch > 0) {
      console.log(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    }
    if (this.bestWeights === undefined) return;
    if (verbose > 0) {
      console.log(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    }
    const { bestWeights } = this;
    allWeights(this.model).forEach((weight, i) => {
      weight.write(bestWeights[i]!);
    });
  }

  identity(): object {
    const { verbose: _, ...options } = this.options;
    return { earlyStopping: options };
  }

  getState(): State {
    const { wait, stoppedEpoch, best, bestEpoch, bestWeights } = this;
    const weights = bestWeights?.map((weight) => new Float32Array(weight.dataSync()));
    return { wait, stoppedEpoch, best, bestEpoch, weights };
  }

  setState(state: State): void {
    this.wait = state.wait;
    this.stoppedEpoch = state.stoppedEpoch;
    this.best = state.best;
    this.bestEpoch = state.bestEpoch;
    const { weights } = state;
    if (weights === undefined || !this.options.restoreBestWeights) return;
    this.bestWeights = allWeights(this.model).map(({ shape, dtype }, i) =>
      tf.tensor(weights[i]!, shape, dtype as "float32"),
    );
  }

  /** Whatever ended training, the copies go. */
  close(): void {
    this.forgetWeights();
  }

  private keepWeights(epoch: number): void {
    if (!this.options.restoreBestWeights) return;
    this.forgetWeights();
    this.bestEpoch = epoch;
    // The model's own tensors change with every step; these are copies.
    this.bestWeights = allWeights(this.model).map((weight) => tf.clone(weight.read()));
  }

  private forgetWeights(): void {
    tf.dispose(this.bestWeights ?? []);
    this.bestWeights = undefined;
  }
}

/**
 * Stops training when a number has stopped improving.
 *
 * @throws InvalidArgumentError for an option outside what is allowed, or a `monitor` whose name tells no direction.
 * @example
 * import { callbacks, type FitOptions } from "convnets";
 * const options: FitOptions = {
 *   epochs: 30,
 *   callbacks: callbacks.earlyStopping({ monitor: "val_loss", patience: 3, restoreBestWeights: true }),
 * };
 * @see https://keras.io/api/callbacks/early_stopping/
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  return new EarlyStopping(options);
}
