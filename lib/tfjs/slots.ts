/** What Keras' optimizers keep: one table for our own, for tfjs' and for whoever counts or writes them. */

/** The names of what an optimizer keeps. */
export interface SlotNames {
  /** For each weight, in groups: Keras lists each group weight by weight. */
  groups: string[][];
  /** Single numbers for all weights together. */
  shared: string[];
}

/** What the slots depend on. */
interface SlotSettings {
  momentum?: number;
  centered?: boolean;
  amsgrad?: boolean;
  useEma?: boolean;
  gradientAccumulationSteps?: number | null;
}

const momentum = (settings: SlotSettings) => ((settings.momentum ?? 0) > 0 ? [["momentum"]] : []);
const centered = (settings: SlotSettings) => (settings.centered ? [["averageGradient"]] : []);
const amsgrad = (settings: SlotSettings) => (settings.amsgrad ? [["velocityHat"]] : []);
const adam = (settings: SlotSettings) => [["momentum", "velocity"], ...amsgrad(settings)];

/** By Keras' class names. */
const groupsOf = new Map<string, (settings: SlotSettings) => string[][]>([
  ["SGD", momentum],
  ["RMSprop", (settings) => [["velocity"], ...momentum(settings), ...centered(settings)]],
  ["Adam", adam],
  ["AdamW", adam],
  ["Nadam", () => [["momentum", "velocity"]]],
  ["Adamax", () => [["momentum", "norm"]]],
  ["Adagrad", () => [["accumulator"]]],
  ["Adadelta", () => [["accumulatedGrad", "accumulatedDeltaVar"]]],
  ["Ftrl", () => [["accumulator", "linear"]]],
  ["Lion", () => [["momentum"]]],
  ["Lamb", () => [["momentum", "velocity"]]],
  ["ScheduleFreeAdamW", () => [["momentum", "velocity"]]],
]);

/** Likewise. */
const sharedOf = new Map([["Nadam", ["uProduct"]]]);

/** What an optimizer of any class keeps for each weight, before what its own class keeps. */
export function commonSlots({ useEma, gradientAccumulationSteps }: SlotSettings): string[][] {
  return [
    ...(useEma ? [["average"]] : []),
    ...((gradientAccumulationSteps ?? null) === null ? [] : [["gradientAccumulator"]]),
  ];
}

/**
 * What an optimizer's own class keeps for each weight.
 *
 * @param className Keras' name of the optimizer's class.
 * @param settings The optimizer, or its configuration.
 * @returns undefined for a class that Keras doesn't have, or that doesn't keep the same for all weights.
 */
export function ownSlots(className: string, settings: object): string[][] | undefined {
  return groupsOf.get(className)?.(settings);
}

/**
 * The names of what an optimizer keeps, besides its count of steps and its learning rate.
 *
 * @param className Keras' name of the optimizer's class.
 * @param settings The optimizer, or its configuration.
 * @returns undefined for a class that Keras doesn't have, or that doesn't keep the same for all weights.
 */
export function slotNames(className: string, settings: object): SlotNames | undefined {
  const own = ownSlots(className, settings);
  return (
    own && { groups: [...commonSlots(settings), ...own], shared: sharedOf.get(className) ?? [] }
  );
}
