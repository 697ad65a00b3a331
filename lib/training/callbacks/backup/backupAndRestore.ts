/** Lets training that was cut off go on where it stopped, and training that is done not run again. */

import path from "node:path";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkText, rejectUnknownOptions } from "../../../checks";
import { checkFolderPlace } from "../../../files";
import { keySourcesOf } from "../../../layers";
import { getLearningRate, restoreLearningRate } from "../../../optimizers";
import { loadWeights } from "../../../saving";
import { allWeights } from "../../../tfjs";
import { differenceOf, type RunIdentity } from "../../identity";
import { type Callback, LibraryCallback } from "../callback";
import { SaveSchedule } from "../saveSchedule";
import type { KeptRun, SessionCallback, TrainingSession } from "../session";
import { BackupFolder, type BackupState } from "./backupFolder";

/** Options of `callbacks.backupAndRestore`. */
export interface BackupAndRestoreOptions {
  /** Folder of the backup, for one run of training only; made when missing. */
  backupDir: string;
  /** Back up at the end of each epoch, or after every so many steps. @default "epoch" */
  saveFreq?: "epoch" | number;
  /**
   * Remove the backup when training has ended, as Keras does. With `false` it stays, belongs to one run, and the same
   * run is not trained again.
   *
   * @default true
   */
  deleteCheckpoint?: boolean;
}

/** A model whose run was cut off in this process: a later `fit` goes on with it, if nobody changed it since. */
interface CutOff {
  folder: string;
  /** Which run it is. */
  identity: RunIdentity;
  /** The tensors of its weights and the learning rate when it was cut off. */
  left: unknown[];
}
const cutOff = new WeakMap<LayersModel, CutOff>();

class BackupAndRestore extends LibraryCallback implements SessionCallback {
  override onlyReadsLogs = true;
  private readonly name: string;
  private readonly path: string;
  private readonly folder: BackupFolder;
  private readonly schedule: SaveSchedule;
  private readonly deleteAtEnd: boolean;
  private session!: TrainingSession;
  private runIdentity: RunIdentity | undefined;
  private isRunning = false;

  constructor(options: BackupAndRestoreOptions) {
    super();
    rejectUnknownOptions(
      options,
      { backupDir: true, saveFreq: true, deleteCheckpoint: true },
      "backupAndRestore",
    );
    const { backupDir, deleteCheckpoint = true } = options;
    checkText("backupDir", backupDir, { what: "a folder's path", required: true });
    checkFolderPlace("backupDir", backupDir);
    checkBoolean("deleteCheckpoint", deleteCheckpoint);
    this.name = backupDir;
    this.path = path.resolve(backupDir);
    this.folder = new BackupFolder(this.path);
    this.schedule = new SaveSchedule(options.saveFreq);
    this.deleteAtEnd = deleteCheckpoint;
  }

  get watchesSteps(): boolean {
    return !this.schedule.isEpochwise;
  }

  attach(session: TrainingSession): void {
    this.session = session;
  }

  override async onTrainBegin(): Promise<void> {
    this.runIdentity = this.deleteAtEnd ? undefined : await this.identify();
    this.isRunning = true;
    const kept = await this.folder.read();
    if (kept === undefined) return;
    if (kept === "old") {
      this.session.say(`Training starts anew: the backup in ${this.name} has no checksums.`);
      return;
    }
    const { state } = kept;
    if (!this.deleteAtEnd) {
      const reason = await this.reasonAgainst(state);
      if (reason !== undefined) {
        this.session.say(`Training starts anew: ${reason}.`);
        return;
      }
    }
    await loadWeights(this.model, kept.weights);
    await this.folder.letGo();
    restoreLearningRate(this.model, state.learningRate);
    keySourcesOf(this.model).forEach((source, i) => {
      const keys = state.layerKeys[i];
      if (keys !== undefined) source.setState(keys);
    });
    await this.session.push();
    if (this.deleteAtEnd) this.session.resume({ ...state, epochs: [] });
    else {
      this.session.say(
        `Restored ${extentOf(state)} from ${this.name}; delete that folder to train again.`,
      );
      this.session.resume(state);
    }
  }

  async afterStep(): Promise<void> {
    if (this.schedule.isDueAfterStep()) await this.save();
  }

  async afterEpoch(): Promise<void> {
    if (this.schedule.isEpochwise || !this.deleteAtEnd) await this.save();
  }

  override async onTrainEnd(): Promise<void> {
    this.isRunning = false;
    if (this.deleteAtEnd) await this.folder.remove();
  }

  close(): void {
    const { runIdentity: identity, model } = this;
    if (this.isRunning && identity !== undefined) {
      cutOff.set(model, { folder: this.path, identity, left: stateOf(model) });
    }
    this.isRunning = false;
  }

  /** A model that was cut off here started with other weights and, perhaps, another learning rate than it has. */
  private async identify(): Promise<RunIdentity> {
    const identity = await this.session.identify();
    const before = cutOff.get(this.model);
    cutOff.delete(this.model);
    if (before?.folder !== this.path) return identity;
    const untouched = stateOf(this.model).every((value, i) => value === before.left[i]);
    if (!untouched) return identity;
    const { weights, optimizer } = before.identity;
    return { ...identity, weights, optimizer };
  }

  private async reasonAgainst({ identity, ...run }: BackupState): Promise<string | undefined> {
    const where = `the backup in ${this.name}`;
    if (identity === undefined) return `${where} doesn't say which run it is of`;
    const difference = differenceOf(identity, this.runIdentity!);
    if (difference !== undefined) return `${difference} not that of ${where}`;
    const { epoch } = run.position;
    const { epochsWanted } = this.session;
    if (epoch > epochsWanted) return `${where} has ${epoch} epochs, more than ${epochsWanted}`;
    return this.session.obstacle(run);
  }

  private async save(): Promise<void> {
    await this.session.pull();
    await this.folder.write(this.model, {
      ...(await this.session.keep()),
      learningRate: getLearningRate(this.model),
      layerKeys: keySourcesOf(this.model).map((source) => source.getState()),
      identity: this.runIdentity,
    });
  }
}

function stateOf(model: LayersModel): unknown[] {
  const tensors = allWeights(model).map((weight) => weight.read().dataId);
  return [...tensors, getLearningRate(model)];
}

/** `epochs 1–15`, `epoch 1 and 40 steps of epoch 2`. */
function extentOf({ position: { epoch, step }, epochs }: KeptRun): string {
  const first = (epochs[0]?.epoch ?? epoch) + 1;
  const parts: string[] = [];
  if (epoch >= first) parts.push(epoch === first ? `epoch ${epoch}` : `epochs ${first}–${epoch}`);
  if (step > 0) parts.push(`${step} steps of epoch ${epoch + 1}`);
  return parts.join(" and ");
}

/**
 * Backs up training, and goes on from the backup when the same `fit` runs again after a crash.
 *
 * Weights, optimizer state, epoch and step, running means, the order of the samples, the random state of the
 * library and of the model's layers, and what the other callbacks remember are restored: the resumed run ends
 * where an unbroken one would have. Adam's and RMSProp's state may differ in the last bits. With `tf.layers.dropout` it
 * doesn't: what that draws is kept nowhere. `layers.dropout` and the other random layers of the library draw the same.
 *
 * As in Keras, the backup is taken for that of the same run, whatever it is; its epochs are not in the resumed
 * run's history; and it goes when training ends.
 *
 * With `deleteCheckpoint: false` the backup stays and says which run it is of: the model's layers and first
 * weights (call `setSeed`), optimizer, loss, metrics, data, batch size, `fit`'s options and the library's
 * callbacks. The same run, asked for again, is not trained again: the model and the whole history are there at
 * once, one line says so, and the epochs' lines are shown as they were. A run that was cut off goes on, with its
 * earlier epochs in the history (which Keras forgets); asked for more epochs, it goes on as well. Of anything
 * else, or when the file of a `modelCheckpoint` is gone, training starts anew and says why. What functions
 * capture, your own callbacks and what a dataset holds that is not of `imageDatasetFromDirectory` are not looked
 * at: delete the folder when you change them.
 *
 * @throws InvalidArgumentError for an option outside what is allowed.
 * @example
 * import { callbacks, type FitOptions } from "convnets";
 * const options: FitOptions = {
 *   epochs: 30,
 *   callbacks: callbacks.backupAndRestore({ backupDir: "data/runs/convnet", deleteCheckpoint: false }),
 * };
 * @see https://keras.io/api/callbacks/backup_and_restore/
 */
export function backupAndRestore(options: BackupAndRestoreOptions): Callback {
  return new BackupAndRestore(options);
}
