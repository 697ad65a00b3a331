/** Watching one number of the logs for improvement. */

import { checkNumber, checkOneOf, checkText } from "../../checks";
import { InvalidArgumentError } from "../../errors";
import { type Direction, directionOf } from "../../objectives";
import type { Logs } from "./callback";

/** What to watch. */
export interface MonitorOptions {
  /** Name of the number: `"val_loss"`, `"accuracy"`, … @default "val_loss" */
  monitor?: string;
  /** Whether less or more is better; `"auto"` tells from the name. @default "auto" */
  mode?: "auto" | "min" | "max";
  /** Changes up to this size are no improvement. @default 0 */
  minDelta?: number;
}

const directions = { min: "down", max: "up" } as const;

/** Compares values of one number. */
export class Monitor {
  readonly name: string;
  private readonly sign: 1 | -1;
  private readonly minDelta: number;
  private warned = false;

  /**
   * @param where The callback's name, for messages.
   * @throws InvalidArgumentError when the direction can't be told from the name.
   */
  constructor(
    options: MonitorOptions,
    private readonly where: string,
  ) {
    const { monitor = "val_loss", mode = "auto", minDelta = 0 } = options;
    checkText("monitor", monitor, { what: "a name such as `val_loss`" });
    checkOneOf("mode", mode, ["auto", "min", "max"]);
    checkNumber("minDelta", minDelta);
    this.name = monitor;
    this.minDelta = Math.abs(minDelta);
    const direction = mode === "auto" ? directionToTake(monitor, where) : directions[mode];
    this.sign = direction === "up" ? 1 : -1;
  }

  /** The number in the logs; warns once when it is missing. */
  valueIn(logs: Logs): number | undefined {
    const value = logs[this.name];
    if (value === undefined && !this.warned) {
      this.warned = true;
      console.warn(
        `${this.where} watches \`${this.name}\`, which is not available. Available: ${Object.keys(logs).join(", ")}`,
      );
    }
    return value;
  }

  /** Whether `value` is better than `reference`; anything is better than nothing. */
  isBetter(value: number, reference: number | undefined): boolean {
    if (reference === undefined) return true;
    return this.sign * (value - reference) > this.minDelta;
  }
}

function directionToTake(monitor: string, where: string): Direction {
  const direction = directionOf(monitor);
  if (direction !== undefined) return direction;
  throw new InvalidArgumentError(
    `${where} can't tell whether \`${monitor}\` should grow or shrink. Give \`mode: "min"\` or \`mode: "max"\`.`,
  );
}
