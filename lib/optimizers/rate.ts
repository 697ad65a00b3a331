/** An optimizer's learning rate: a number, or what follows the steps. */
import { ConvnetsError, invalidArgument } from "../errors";
import type { OptimizerConfig } from "./config";
import { notNegative } from "./options";
import { LearningRateSchedule } from "./schedules";
import { describeSchedule } from "./serializedSchedule";

/** A learning rate, as an optimizer keeps it. */
export class LearningRate {
  private value: number | LearningRateSchedule;

  constructor(given: number | LearningRateSchedule) {
    this.value = isSchedule(given) ? given : notNegative("learningRate", given);
  }

  /** The rate of the step that comes after `iterations` steps. */
  at(iterations: number): number {
    if (!isSchedule(this.value)) return this.value;
    const rate = this.value.rateAt(iterations);
    if (Number.isFinite(rate)) return rate;
    const { name } = this.value.constructor;
    throw invalidArgument("learningRate", { expected: `a number from ${name}`, received: rate });
  }

  /** @throws ConvnetsError for a number in the place of a schedule, as in Keras. */
  set(value: number | LearningRateSchedule): void {
    if (isSchedule(this.value) && !isSchedule(value)) {
      throw new ConvnetsError(
        `The learning rate follows ${this.value.constructor.name}, so it can't be set.`,
        { hint: "Compile the model with an optimizer whose `learningRate` is a number." },
      );
    }
    this.value = isSchedule(value) ? value : notNegative("learningRate", value);
  }

  /** Takes a kept rate; a schedule needs none. */
  restore(value: number): void {
    if (this.schedule === undefined) this.set(value);
  }

  get schedule(): LearningRateSchedule | undefined {
    return isSchedule(this.value) ? this.value : undefined;
  }

  /** Another rate, until the function that this returns is called. */
  standIn(rate: number): () => void {
    const { value } = this;
    this.value = rate;
    return () => {
      this.value = value;
    };
  }

  config(): OptimizerConfig[string] {
    return isSchedule(this.value) ? describeSchedule(this.value) : this.value;
  }
}

function isSchedule(rate: unknown): rate is LearningRateSchedule {
  return rate instanceof LearningRateSchedule;
}
