/** What learning rates that follow the number of steps have in common. */

/** A schedule's options as plain data. */
export type ScheduleConfig = Record<string, number | string | boolean | null | number[]>;

/**
 * A learning rate that follows the number of steps.
 *
 * One of your own is a class with `rateAt`; it trains in every engine, and can't be saved.
 *
 * @example
 * import { optimizers } from "convnets";
 * class Halving extends optimizers.schedules.LearningRateSchedule {
 *   rateAt(step: number): number {
 *     return 0.1 / 2 ** Math.floor(step / 1000);
 *   }
 * }
 * const sgd = optimizers.sgd({ learningRate: new Halving() });
 * @see https://keras.io/api/optimizers/learning_rate_schedules/learning_rate_schedule/
 */
export abstract class LearningRateSchedule {
  /** The rate of the step that comes after `step` steps. */
  abstract rateAt(step: number): number;

  /** The options of this schedule: all fields, unless a class says otherwise. */
  getConfig(): ScheduleConfig {
    return { ...(this as object) };
  }
}

/** A schedule as Keras writes it into files. */
export type SerializedSchedule = {
  /** The Python module of the class. */
  module: "keras.optimizers.schedules";
  /** Keras' name of the class: `"CosineDecay"`. */
  class_name: string;
  /** The options under Keras' names. */
  config: ScheduleConfig;
  /** Nothing: the class is Keras' own. */
  registered_name: null;
};
