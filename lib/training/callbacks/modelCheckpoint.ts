/** Saves the model while it trains. */

import {
  checkBoolean,
  checkNumber,
  checkOneOf,
  checkText,
  checkVerbose,
  rejectUnknownOptions,
} from "../../checks";
import { invalidArgument } from "../../errors";
import { checkFilePlace, checksumOf } from "../../files";
import { toFixed } from "../../pythonNumbers";
import { saveModel, saveWeights } from "../../saving";
import { type Callback, LibraryCallback, type Logs } from "./callback";
import { Monitor, type MonitorOptions } from "./monitor";
import { type PathFormat, pathFormat } from "./savePath";
import { SaveSchedule } from "./saveSchedule";
import type { TrainingSession } from "./session";

/** Options of `callbacks.modelCheckpoint`. */
export interface ModelCheckpointOptions extends Pick<MonitorOptions, "monitor" | "mode"> {
  /**
   * Where to save: `.keras`, or `.weights.h5` with `saveWeightsOnly`. `{epoch}`, counted from 1, `{batch}` and
   * the numbers of the logs may be named, as in `"{epoch:02d}-{val_loss:.2f}.keras"`; the formats are Python's.
   */
  filepath: string;
  /** Save only what is better than anything before. @default false */
  saveBestOnly?: boolean;
  /** Save weights and optimizer state without the model's structure. @default false */
  saveWeightsOnly?: boolean;
  /** Save at the end of each epoch, or after every so many steps. @default "epoch" */
  saveFreq?: "epoch" | number;
  /** Value that `saveBestOnly` has to beat at first. @default none */
  initialValueThreshold?: number;
  /** 1 prints what is done. @default 0 */
  verbose?: 0 | 1;
}

/** What it remembers. */
interface State {
  best?: number;
  steps: number;
  /** The file written last, with the hash of its content. */
  file?: { path: string; sha256: string };
}

class ModelCheckpoint extends LibraryCallback {
  /** Brings the model up to date by itself, and only when it saves. */
  override onlyReadsLogs = true;
  private readonly options: ModelCheckpointOptions;
  private readonly pathOf: PathFormat;
  private readonly monitor: Monitor | undefined;
  private readonly schedule: SaveSchedule;
  private best: number | undefined;
  private session: TrainingSession | undefined;
  private epoch = 0;
  private lastPath: string | undefined;
  private lastFile: State["file"];

  constructor(options: ModelCheckpointOptions) {
    super();
    rejectUnknownOptions(
      options,
      {
        filepath: true,
        monitor: true,
        mode: true,
        saveBestOnly: true,
        saveWeightsOnly: true,
        saveFreq: true,
        initialValueThreshold: true,
        verbose: true,
      },
      "modelCheckpoint",
    );
    checkBoolean("saveBestOnly", options.saveBestOnly);
    checkBoolean("saveWeightsOnly", options.saveWeightsOnly);
    const { filepath, saveBestOnly = false, saveWeightsOnly = false } = options;
    const extension = saveWeightsOnly ? ".weights.h5" : ".keras";
    if (typeof filepath !== "string" || !filepath.endsWith(extension)) {
      throw invalidArgument("filepath", {
        expected: `a path that ends in ${extension}${saveWeightsOnly ? " with `saveWeightsOnly`" : ""}`,
        received: filepath,
      });
    }
    checkFilePlace("filepath", filepath);
    const any = { low: -Infinity, high: Infinity };
    checkNumber("initialValueThreshold", options.initialValueThreshold, any);
    checkVerbose(options.verbose);
    checkText("monitor", options.monitor, { what: "a name such as `val_loss`" });
    checkOneOf("mode", options.mode, ["auto", "min", "max"]);
    this.options = options;
    this.pathOf = pathFormat(filepath);
    this.schedule = new SaveSchedule(options.saveFreq);
    this.monitor = saveBestOnly ? new Monitor(options, "modelCheckpoint") : undefined;
    this.best = options.initialValueThreshold;
  }

  get watchesSteps(): boolean {
    return !this.schedule.isEpochwise;
  }

  attach(session: TrainingSession): void {
    this.session = session;
  }

  override onEpochBegin(epoch: number): void {
    this.epoch = epoch;
  }

  override async onTrainBatchEnd(batch: number, logs: Logs = {}): Promise<void> {
    if (this.schedule.isDueAfterStep()) await this.save({ batch: batch + 1, ...logs }, logs);
  }

  override async onEpochEnd(_epoch: number, logs: Logs = {}): Promise<void> {
    if (this.schedule.isEpochwise) await this.save(logs, logs);
  }

  private async save(places: Record<string, number>, logs: Logs): Promise<void> {
    const path = this.pathOf({ epoch: this.epoch + 1, ...places });
    if (!this.isWorthSaving(logs, path)) return;
    await this.session?.pull();
    if (this.options.saveWeightsOnly) await saveWeights(this.model, path);
    else await saveModel(this.model, path);
    this.lastPath = path;
  }

  identity(): object {
    const { verbose: _, ...options } = this.options;
    return { modelCheckpoint: options };
  }

  async getState(): Promise<State> {
    const path = this.lastPath;
    if (path !== undefined) {
      this.lastPath = undefined;
      this.lastFile = { path, sha256: (await sha256Of(path))! };
    }
    return { best: this.best, steps: this.schedule.steps, file: this.lastFile };
  }

  setState({ best, steps, file }: State): void {
    this.best = best;
    this.schedule.steps = steps;
    this.lastFile = file;
  }

  async obstacle({ file }: State): Promise<string | undefined> {
    if (file === undefined) return undefined;
    const found = await sha256Of(file.path);
    if (found === undefined) return `its checkpoint ${file.path} is gone`;
    return found === file.sha256 ? undefined : `its checkpoint ${file.path} was written by another`;
  }

  private isWorthSaving(logs: Logs, path: string): boolean {
    const { monitor } = this;
    const value = monitor?.valueIn(logs);
    if (monitor === undefined || value === undefined) {
      this.say(`saving model to ${path}`);
      return true;
    }
    const best = this.best === undefined ? "None" : toFixed(this.best, 5);
    if (!monitor.isBetter(value, this.best)) {
      this.say(`${monitor.name} did not improve from ${best}`);
      return false;
    }
    this.say(
      `${monitor.name} improved from ${best} to ${toFixed(value, 5)}, saving model to ${path}`,
    );
    this.best = value;
    return true;
  }

  private say(text: string): void {
    if (this.options.verbose) console.log(`Epoch ${this.epoch + 1}: ${text}`);
  }
}

/**
 * Saves the model, or only its weights, during training.
 *
 * A file appears whole or not at all: whatever stops the process, the last good file stays.
 *
 * @throws InvalidArgumentError for another extension of `filepath`, one at which a folder is, a place in it that Python couldn't fill, or an option
 *   outside what is allowed.
 * @example
 * import { callbacks, type FitOptions } from "convnets";
 * const options: FitOptions = {
 *   epochs: 30,
 *   callbacks: callbacks.modelCheckpoint({ filepath: "best.keras", saveBestOnly: true }),
 * };
 * @see https://keras.io/api/callbacks/model_checkpoint/
 */
export function modelCheckpoint(options: ModelCheckpointOptions): Callback {
  return new ModelCheckpoint(options);
}

/** Undefined when there is no such file. */
function sha256Of(path: string): Promise<string | undefined> {
  return checksumOf(path, "sha256").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
