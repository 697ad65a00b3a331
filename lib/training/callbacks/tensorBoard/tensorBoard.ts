/** Shows training in TensorBoard. */
import path from "node:path";
import { checkText, checkWhole, rejectUnknownOptions } from "../../../checks";
import { checkFolderPlace } from "../../../files";
import { getLearningRate } from "../../../optimizers";
import { weightPaths } from "../../../saving";
import { optimizerOf } from "../../../tfjs";
import { type Callback, LibraryCallback, type Logs } from "../callback";
import type { TrainingSession } from "../session";
import { EventFile } from "./eventFile";
import { histogramOf } from "./histogram";

/** Options of `callbacks.tensorBoard`. */
export interface TensorBoardOptions {
  /** Folder of the logs, for one run only. @default "logs" */
  logDir?: string;
  /** Numbers after each epoch only, after each step too, or after every so many steps. @default "epoch" */
  updateFreq?: "epoch" | "batch" | number;
  /** Histograms of the weights after every so many epochs; 0 for none. @default 0 */
  histogramFreq?: number;
}

class TensorBoard extends LibraryCallback {
  override onlyReadsLogs = true;
  private readonly folder: string;
  private readonly stepsPerUpdate: number;
  private readonly histogramFreq: number;
  private session: TrainingSession | undefined;
  private files = new Map<string, EventFile>();
  private steps = 0;

  constructor(options: TensorBoardOptions) {
    super();
    rejectUnknownOptions(
      options,
      { logDir: true, updateFreq: true, histogramFreq: true },
      "tensorBoard",
    );
    const { logDir = "logs", updateFreq = "epoch", histogramFreq = 0 } = options;
    checkText("logDir", logDir, { what: "a folder's path" });
    checkFolderPlace("logDir", logDir);
    checkWhole("histogramFreq", histogramFreq, { low: 0 });
    if (updateFreq === "epoch") this.stepsPerUpdate = Infinity;
    else if (updateFreq === "batch") this.stepsPerUpdate = 1;
    else {
      checkWhole("updateFreq", updateFreq, { low: 1 });
      this.stepsPerUpdate = updateFreq;
    }
    this.folder = logDir;
    this.histogramFreq = histogramFreq;
  }

  get watchesSteps(): boolean {
    return this.stepsPerUpdate !== Infinity;
  }

  attach(session: TrainingSession): void {
    this.session = session;
  }

  override onTrainBegin(): void {
    this.files = new Map();
    this.steps = 0;
  }

  override onTrainBatchEnd(_batch: number, logs: Logs = {}): void {
    this.steps++;
    if (this.steps % this.stepsPerUpdate !== 0) return;
    for (const [name, value] of Object.entries(logs)) {
      this.run("train").scalar(`batch_${name}`, value, this.steps);
    }
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    // As in Keras the rate is that of now: a callback before this one may have changed it for the next epoch.
    const numbers = { ...logs, learning_rate: getLearningRate(this.model) };
    for (const [name, value] of Object.entries(numbers)) {
      if (name.startsWith("val_")) {
        this.run("validation").scalar(`epoch_${name.slice(4)}`, value, epoch);
      } else this.run("train").scalar(`epoch_${name}`, value, epoch);
    }
    if (this.histogramFreq > 0 && epoch % this.histogramFreq === 0) await this.writeWeights(epoch);
  }

  private async writeWeights(epoch: number): Promise<void> {
    await this.session?.pull();
    for (const { path, weight } of weightPaths(this.model)) {
      const values = await weight.read().data();
      this.run("train").histogram(`${path}/histogram`, histogramOf(values), epoch);
    }
  }

  /** How well the model does, by the steps that it was trained for in all. */
  override onTestEnd(logs: Logs = {}): void {
    const made = optimizerOf(this.model)?.iterations ?? 0;
    for (const [name, value] of Object.entries(logs)) {
      this.run("validation").scalar(`evaluation_${name}_vs_iterations`, value, made);
    }
  }

  /** TensorBoard draws each folder as a run of its own. */
  private run(name: "train" | "validation"): EventFile {
    let file = this.files.get(name);
    if (file === undefined) {
      file = new EventFile(path.join(this.folder, name));
      this.files.set(name, file);
    }
    return file;
  }
}

/**
 * Writes logs that TensorBoard reads: numbers of epochs (and steps), and histograms of the weights.
 *
 * @throws InvalidArgumentError for an option outside what is allowed.
 * @example
 * import { callbacks, type FitOptions } from "convnets";
 * const options: FitOptions = {
 *   epochs: 30,
 *   callbacks: callbacks.tensorBoard({ logDir: "logs/run-1", updateFreq: 100 }),
 * };
 * @see https://keras.io/api/callbacks/tensorboard/
 */
export function tensorBoard(options: TensorBoardOptions = {}): Callback {
  return new TensorBoard(options);
}
