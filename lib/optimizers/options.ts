/** What all optimizers take, and how it is checked. */
import { checkBoolean, checkNumber, checkWhole, type KnownOptions } from "../checks";
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
  /**
   * Whether to keep a moving average of the weights (EMA), which the weights become when `fit` has trained the last
   * epoch.
   *
   * @default false
   */
  useEma?: boolean;
  /** How much of the average each step keeps. @default 0.99 */
  emaMomentum?: number;
  /** After how many steps the weights become their average while the model trains, too. @default never */
  emaOverwriteFrequency?: number | null;
  /** What the loss is multiplied by for the gradients, which are divided by it again. @default none */
  lossScaleFactor?: number | null;
  /**
   * Over how many batches gradients are averaged before the weights move. Momentum and the like count these moves,
   * `iterations` and learning-rate schedules all batches.
   *
   * @default none: the weights move at each batch
   */
  gradientAccumulationSteps?: number | null;
  /** Name of the optimizer. @default its class name in lower case */
  name?: string;
}

export const commonOptions: KnownOptions<OptimizerOptions> = {
  learningRate: true,
  weightDecay: true,
  clipNorm: true,
  clipValue: true,
  globalClipNorm: true,
  useEma: true,
  emaMomentum: true,
  emaOverwriteFrequency: true,
  lossScaleFactor: true,
  gradientAccumulationSteps: true,
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

/** Averages of weights and of gradients. */
export interface Averaging {
  /** Whether a moving average of the weights is kept. */
  useEma: boolean;
  /** How much of the average each step keeps. */
  emaMomentum: number;
  /** After how many steps the weights become their average; `null` for never. */
  emaOverwriteFrequency: number | null;
  /** Over how many batches gradients are averaged; `null` for one. */
  gradientAccumulationSteps: number | null;
}

/** How weights and gradients are averaged. As in Keras, 0 is none. */
export function averagingOf(options: OptimizerOptions): Averaging {
  const { useEma = false, emaMomentum = 0.99 } = options;
  const emaOverwriteFrequency = unlessZero(options.emaOverwriteFrequency);
  const gradientAccumulationSteps = unlessZero(options.gradientAccumulationSteps);
  checkBoolean("useEma", useEma);
  share("emaMomentum", emaMomentum);
  checkWhole("emaOverwriteFrequency", emaOverwriteFrequency ?? undefined, { low: 1 });
  checkWhole("gradientAccumulationSteps", gradientAccumulationSteps ?? undefined, { low: 2 });
  return { useEma, emaMomentum, emaOverwriteFrequency, gradientAccumulationSteps };
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

/** A number, or null where there is none; 0 is none, as in Keras. */
function unlessZero(number: number | null | undefined): number | null {
  return number === undefined || number === 0 ? null : number;
}
