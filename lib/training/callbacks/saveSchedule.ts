/** When to save: after epochs, or after so many steps. */
import { invalidArgument } from "../../errors";

/** Counts steps over all epochs. */
export class SaveSchedule {
  /** Steps since the last save was due. */
  steps = 0;

  /** @throws InvalidArgumentError for anything but `"epoch"`, undefined (which means it) or a positive number. */
  constructor(private readonly freq: "epoch" | number = "epoch") {
    if (freq !== "epoch" && (!Number.isInteger(freq) || freq < 1)) {
      throw invalidArgument("saveFreq", {
        expected: '"epoch" or a positive number of steps',
        received: freq,
      });
    }
  }

  get isEpochwise(): boolean {
    return this.freq === "epoch";
  }

  /** Takes note of a step; true when it is time to save. */
  isDueAfterStep(): boolean {
    if (this.freq === "epoch") return false;
    this.steps = (this.steps + 1) % this.freq;
    return this.steps === 0;
  }
}
