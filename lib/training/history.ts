/** What `fit` returns. */
import { type CellWriter, currentCell, showInCell } from "../notebook";
import { show } from "../plot";
import type { CallbackParams, Logs } from "./callbacks";

/** The cells that have a run's curves already; beside the histories, which hold numbers only. */
const cells = new WeakMap<History, CellWriter>();

/** The numbers of every epoch, with Keras' keys: `loss`, `accuracy`, `val_loss`, `val_accuracy`. */
export class History {
  /** One number for each epoch (for `val_` keys: each epoch that was validated). */
  readonly history: Record<string, number[]> = {};
  /** Numbers of the epochs, counted from 0. */
  readonly epoch: number[] = [];
  /** How long each epoch took in seconds, validation included; of restored epochs, what they took when they ran. */
  readonly seconds: number[] = [];

  constructor(
    /** What the run was asked for. */
    readonly params: CallbackParams,
  ) {}

  /** Takes an epoch's numbers. */
  add(epoch: number, logs: Logs, seconds: number): void {
    this.epoch.push(epoch);
    this.seconds.push(seconds);
    for (const [name, value] of Object.entries(logs)) {
      this.history[name] ??= [];
      this.history[name].push(value);
    }
  }

  /** Notes that the cell that runs now has the curves: they grow there. @internal */
  drawnHere(): void {
    const cell = currentCell();
    if (cell !== undefined) cells.set(this, cell);
  }

  /** Draws the curves where the history is a cell's last expression, and the cell has none yet. */
  [showInCell](): void {
    const cell = currentCell();
    if (cell === undefined || cell !== cells.get(this)) void show(this);
  }
}
