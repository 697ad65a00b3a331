/** What all optimizers take, and how it is checked. */
import { InvalidArgumentError, invalidArgument } from "../errors";
import type { Clipping } from "./clip";

/** What every optimizer takes. At most one of the three kinds of clipping may be set. */
export interface OptimizerOptions {
  /** Step size. @default 0.001, of `sgd` 0.01 */
  learningRate?: number;
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

export const commonOptions = [
  "learningRate",
  "weightDecay",
  "clipNorm",
  "clipValue",
  "globalClipNorm",
  "name",
] as const;

/** The limits of gradients that are set; one at most. */
export function clippingOf(options: OptimizerOptions): Clipping {
  const clipping = {
    clipNorm: options.clipNorm ?? null,
    clipValue: options.clipValue ?? null,
    globalClipNorm: options.globalClipNorm ?? null,
  };
  const set = Object.entries(clipping).filter(([, value]) => value !== null);
  for (const [name, value] of set) positive(name, value as number);
  if (set.length > 1) {
    throw new InvalidArgumentError(
      `Only one of \`clipNorm\`, \`clipValue\` and \`globalClipNorm\` can be set. Received: ${set
        .map(([name, value]) => `${name}=${value}`)
        .join(", ")}`,
    );
  }
  return clipping;
}

/** A finite number that is not negative. */
export function positive(argument: string, value: number): number {
  if (!Number.isFinite(value) || value < 0) {
    throw invalidArgument(argument, { expected: "a number, 0 or larger", received: value });
  }
  return value;
}

/** A number in [0, 1]. */
export function share(argument: string, value: number): number {
  if (!Number.isFinite(value) || value < 0 || value > 1) {
    throw invalidArgument(argument, { expected: "a number in [0, 1]", received: value });
  }
  return value;
}
