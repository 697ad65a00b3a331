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
]);

/** Likewise. */
const sharedOf = new Map([["Nadam", ["uProduct"]]]);

/**
 * The names of what an optimizer keeps, besides its count of steps and its learning rate.
 *
 * @param className Keras' name of the optimizer's class.
 * @param settings The optimizer, or its configuration.
 * @returns undefined for a class that Keras doesn't have.
 */
export function slotNames(className: string, settings: object): SlotNames | undefined {
  const groups = groupsOf.get(className)?.(settings);
  return groups && { groups, shared: sharedOf.get(className) ?? [] };
}
