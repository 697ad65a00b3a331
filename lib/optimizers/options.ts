/** What all optimizers take, and how it is checked. */
import { checkNumber, type KnownOptions } from "../checks";
import { InvalidArgumentError } from "../errors";
import type { Clipping } from "./clip";
import type { LearningRateSchedule } from "./schedules";

/** What every optimizer takes. At most one of the three kinds of clipping may be set. */
export interface OptimizerOptions {
  /** Step size, or what it follows: see `optimizers.schedules`. @default 0.001, of `sgd` 0.01 */
  learningRate?: number | LearningRateSchedule;
  /** Share of each weight that is taken off at each step, times the learning rate. @default none, of `adamW` 0.004 */
  weightDecay?: number | null;
  /** Largest norm of each weight's gradient. @default none */
  clipNorm?: number | null;
  /** Largest absolute value in any gradient. @default none */
  clipValue?: number | null;
  /** Largest norm of all gradients together. @default none */
  globalClipNorm?: number | null;
  /** Name of the optimizer. @default its class name in lower case */
  name?: string;
}

export const commonOptions: KnownOptions<OptimizerOptions> = {
  learningRate: true,
  weightDecay: true,
  clipNorm: true,
  clipValue: true,
  globalClipNorm: true,
  name: true,
};

/** The limits of gradients that are set; one at most. */
export function clippingOf(options: OptimizerOptions): Clipping {
  const clipping = {
    clipNorm: options.clipNorm ?? null,
    clipValue: options.clipValue ?? null,
    globalClipNorm: options.globalClipNorm ?? null,
  };
  const set = Object.entries(clipping).filter(([, value]) => value !== null);
  for (const [name, value] of set) notNegative(name, value as number);
  if (set.length > 1) {
    throw new InvalidArgumentError(
      `Only one of \`clipNorm\`, \`clipValue\` and \`globalClipNorm\` can be set. Received: ${set
        .map(([name, value]) => `${name}=${value}`)
        .join(", ")}`,
    );
  }
  return clipping;
}

/** The value, if it is a number that is not negative. */
export function notNegative(argument: string, value: number): number {
  checkNumber(argument, value, { low: 0, required: true });
  return value;
}

/** The value, if it is a number in [0, 1]. */
export function share(argument: string, value: number): number {
  checkNumber(argument, value, { low: 0, high: 1, required: true });
  return value;
}
