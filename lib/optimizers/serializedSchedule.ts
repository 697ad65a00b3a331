/** Schedules as Keras describes them. */
import { describeValue, InvalidArgumentError } from "../errors";
import {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  type LearningRateSchedule,
  PiecewiseConstantDecay,
  PolynomialDecay,
  type SerializedSchedule,
} from "./schedules";

const classes: readonly (new (options: never) => LearningRateSchedule)[] = [
  ExponentialDecay,
  InverseTimeDecay,
  PolynomialDecay,
  PiecewiseConstantDecay,
  CosineDecay,
  CosineDecayRestarts,
];

/**
 * A schedule's description with Keras' names.
 *
 * A class of the user's own is described as well, but Keras doesn't know it.
 */
export function describeSchedule(schedule: LearningRateSchedule): SerializedSchedule {
  const entries = Object.entries(schedule.getConfig()).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return {
    module: "keras.optimizers.schedules",
    class_name: schedule.constructor.name,
    config: Object.fromEntries(entries),
    registered_name: null,
  };
}

/** Whether a schedule is of one of Keras' classes, which files may name. */
export function isKerasSchedule(schedule: LearningRateSchedule): boolean {
  return classes.some((each) => each === schedule.constructor);
}

/**
 * A schedule from its description, as Keras wrote it or in camelCase.
 *
 * @throws InvalidArgumentError for another class, or options that it doesn't take.
 */
export function scheduleFrom(description: object): LearningRateSchedule {
  const { class_name: title, config } = description as Partial<SerializedSchedule>;
  const found = classes.find(({ name }) => name === title);
  if (found === undefined || typeof config !== "object" || config === null) {
    throw new InvalidArgumentError(
      `\`learningRate\` must be a number or one of ${classes.map(({ name }) => name).join(", ")}. ` +
        `Received: learningRate=${describeValue(description)}`,
    );
  }
  const options = Object.entries(config)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]);
  return new found(Object.fromEntries(options) as never);
}
