/** Lets a killed training go on where it stopped. */
import fs from "node:fs/promises";
import path from "node:path";
import type { KeySource } from "../../engine";
import { ConvnetsError, invalidArgument, rejectUnknownOptions } from "../../errors";
import { keySourcesOf } from "../../layers";
import { loadWeights, saveWeights } from "../../saving";
import { getLearningRate, setLearningRate } from "../learningRate";
import { Callback } from "./callback";
import { SaveSchedule } from "./saveSchedule";
import type { Position, TrainingSession } from "./session";

/** Options of `callbacks.backupAndRestore`. */
export interface BackupAndRestoreOptions {
  /** Folder of the backup, for one run of training only; made when missing. */
  backupDir: string;
  /** Back up at the end of each epoch, or after every so many steps. `"epoch"` by default. */
  saveFreq?: "epoch" | number;
  /** Remove the backup when training has ended. `true` by default. */
  deleteCheckpoint?: boolean;
}

/** What is kept beside the weights file. */
interface SavedState {
  position: Position;
  learningRate: number;
  /** Random state of the model's layers, in their order. */
  layerKeys: ReturnType<KeySource["getState"]>[];
  /** Name of the weights file, which also holds the optimizer's state. */
  weights: string;
}

/** Names the one valid state; everything else in the folder is left over. */
const stateFile = "state.json";

class BackupAndRestore extends Callback {
  override onlyReadsLogs = true;
  private readonly folder: string;
  private readonly schedule: SaveSchedule;
  private readonly deleteAtEnd: boolean;
  private session: TrainingSession | undefined;
  private saves = 0;

  constructor(options: BackupAndRestoreOptions) {
    super();
    rejectUnknownOptions(
      options,
      ["backupDir", "saveFreq", "deleteCheckpoint"],
      "backupAndRestore",
    );
    const { backupDir, deleteCheckpoint = true } = options;
    if (typeof backupDir !== "string" || backupDir === "") {
      throw invalidArgument("backupDir", { expected: "a folder's path", received: backupDir });
    }
    this.folder = path.resolve(backupDir);
    this.schedule = new SaveSchedule(options.saveFreq);
    this.deleteAtEnd = deleteCheckpoint;
  }

  attach(session: TrainingSession): void {
    this.session = session;
  }

  override async onTrainBegin(): Promise<void> {
    const state = await this.read();
    if (state === undefined || this.session === undefined) return;
    await loadWeights(this.model, path.join(this.folder, state.weights));
    setLearningRate(this.model, state.learningRate);
    keySourcesOf(this.model).forEach((source, i) => {
      const keys = state.layerKeys[i];
      if (keys !== undefined) source.setState(keys);
    });
    await this.session.push();
    this.session.resumeAt(state.position);
  }

  override async onTrainBatchEnd(): Promise<void> {
    if (this.schedule.isDueAfterStep()) await this.save(this.session!.position());
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    if (!this.schedule.isEpochwise) return;
    await this.save({ ...this.session!.position(), epoch: epoch + 1, step: 0 });
  }

  override async onTrainEnd(): Promise<void> {
    if (!this.deleteAtEnd) return;
    await fs.rm(path.join(this.folder, stateFile), { force: true });
    await this.removeWeights();
    // Somebody else's files in the folder stay.
    await fs.rmdir(this.folder).catch(() => undefined);
  }

  /** Weights first, under a new name; then the state that names them. A kill in between leaves the old state valid. */
  private async save(position: Position): Promise<void> {
    await this.session!.pull();
    await fs.mkdir(this.folder, { recursive: true });
    const weights = `${process.pid}-${++this.saves}.weights.h5`;
    await saveWeights(this.model, path.join(this.folder, weights));
    const state: SavedState = {
      position,
      learningRate: getLearningRate(this.model),
      layerKeys: keySourcesOf(this.model).map((source) => source.getState()),
      weights,
    };
    const temporary = path.join(this.folder, `${stateFile}.part`);
    const file = await fs.open(temporary, "w");
    try {
      await file.writeFile(JSON.stringify(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, path.join(this.folder, stateFile));
    await this.removeWeights(weights);
  }

  private async removeWeights(except?: string): Promise<void> {
    for (const name of await fs.readdir(this.folder).catch(() => [])) {
      if (/^\d+-\d+\.weights\.h5$/.test(name) && name !== except) {
        await fs.rm(path.join(this.folder, name), { force: true });
      }
    }
  }

  private async read(): Promise<SavedState | undefined> {
    const file = path.join(this.folder, stateFile);
    let text: string;
    try {
      text = await fs.readFile(file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    try {
      return JSON.parse(text) as SavedState;
    } catch (cause) {
      throw new ConvnetsError(`The backup ${file} can't be read.`, {
        hint: "Remove the folder to start from the beginning.",
        cause,
      });
    }
  }
}

/**
 * Backs up training, and goes on from the backup when the same `fit` runs again after a crash.
 *
 * Weights, optimizer state, epoch and step, running means, the order of the samples and the random state of the
 * library and of the model's layers are restored: the resumed run ends where an unbroken one would have. The
 * model must be compiled as it was; Adam's and RMSProp's state may differ in the last bits.
 *
 * @see https://keras.io/api/callbacks/backup_and_restore/
 */
export function backupAndRestore(options: BackupAndRestoreOptions): Callback {
  return new BackupAndRestore(options);
}
