/** Schedules that only fall. As in Keras, all is computed in float32. */
import {
  checkBoolean,
  checkList,
  checkNumber,
  checkText,
  type KnownOptions,
  rejectUnknownOptions,
} from "../../checks";
import { invalidArgument } from "../../errors";
import { LearningRateSchedule, type ScheduleConfig } from "./schedule";

const { fround } = Math;

/** Options of `schedules.exponentialDecay` and `schedules.inverseTimeDecay`. */
export interface DecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps of a period. */
  decaySteps: number;
  /** What the rate is multiplied with in each period; of `inverseTimeDecay`, what the divisor grows by. */
  decayRate: number;
  /** Whether the rate changes at the end of each period only. @default false */
  staircase?: boolean;
  /** Name of the schedule. @default its class name */
  name?: string;
}

const decayOptions: KnownOptions<DecayOptions> = {
  initialLearningRate: true,
  decaySteps: true,
  decayRate: true,
  staircase: true,
  name: true,
};

abstract class PeriodicDecay extends LearningRateSchedule {
  protected readonly options: DecayOptions;

  protected constructor(
    options: DecayOptions,
    private readonly title: string,
  ) {
    super();
    this.options = { ...options }; // the caller's may change
    rejectUnknownOptions(options, decayOptions, title);
    checkNumber("initialLearningRate", options.initialLearningRate, { required: true });
    checkNumber("decaySteps", options.decaySteps, { above: 0, required: true });
    checkNumber("decayRate", options.decayRate, { required: true });
    checkBoolean("staircase", options.staircase);
    checkText("name", options.name, { what: "a name" });
  }

  /** How many periods are over, in parts unless the rate goes in stairs. */
  protected periods(step: number): number {
    const { decaySteps, staircase } = this.options;
    const count = fround(fround(step) / fround(decaySteps));
    return staircase ? Math.floor(count) : count;
  }

  /** The options of this schedule. */
  override getConfig(): ScheduleConfig {
    const { staircase = false, name = this.title, ...rest } = this.options;
    return { ...rest, staircase, name };
  }
}

/** The rate times `decayRate` to the power of the periods. */
export class ExponentialDecay extends PeriodicDecay {
  constructor(options: DecayOptions) {
    super(options, "ExponentialDecay");
  }

  /** The rate of the step that comes after `step` steps. */
  override rateAt(step: number): number {
    const { initialLearningRate, decayRate } = this.options;
    return fround(fround(initialLearningRate) * fround(fround(decayRate) ** this.periods(step)));
  }
}

/** The rate divided by 1 and `decayRate` for each period. */
export class InverseTimeDecay extends PeriodicDecay {
  constructor(options: DecayOptions) {
    super(options, "InverseTimeDecay");
  }

  /** The rate of the step that comes after `step` steps. */
  override rateAt(step: number): number {
    const { initialLearningRate, decayRate } = this.options;
    const growth = fround(fround(decayRate) * this.periods(step));
    return fround(fround(initialLearningRate) / fround(1 + growth));
  }
}

/** Options of `schedules.polynomialDecay`. */
export interface PolynomialDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps until the last rate is reached. */
  decaySteps: number;
  /** The last rate. @default 0.0001 */
  endLearningRate?: number;
  /** Power of the share that is left. @default 1 */
  power?: number;
  /** Whether to begin again, with as many steps more each time, instead of staying at the last rate. @default false */
  cycle?: boolean;
  /** Name of the schedule. @default "PolynomialDecay" */
  name?: string;
}

/** From one rate to another along a power of the steps that are left. */
export class PolynomialDecay extends LearningRateSchedule {
  private readonly options: Required<PolynomialDecayOptions>;

  constructor(options: PolynomialDecayOptions) {
    super();
    rejectUnknownOptions(
      options,
      {
        ...{ initialLearningRate: true, decaySteps: true, endLearningRate: true },
        ...{ power: true, cycle: true, name: true },
      } as const,
      "PolynomialDecay",
    );
    checkNumber("initialLearningRate", options.initialLearningRate, { required: true });
    checkNumber("decaySteps", options.decaySteps, { above: 0, required: true });
    checkNumber("endLearningRate", options.endLearningRate);
    checkNumber("power", options.power);
    checkBoolean("cycle", options.cycle);
    checkText("name", options.name, { what: "a name" });
    const { endLearningRate = 1e-4, power = 1, cycle = false, name = "PolynomialDecay" } = options;
    this.options = { ...options, endLearningRate, power, cycle, name };
  }

  /** The rate of the step that comes after `step` steps. */
  override rateAt(step: number): number {
    const { initialLearningRate, decaySteps, endLearningRate, power, cycle } = this.options;
    const last = fround(endLearningRate);
    let [now, length] = [fround(step), fround(decaySteps)];
    if (!cycle) now = Math.min(now, length);
    else if (now > 0) length = fround(length * Math.ceil(fround(now / length)));
    const left = fround(1 - fround(now / length));
    const share = fround(left ** fround(power));
    return fround(fround(fround(fround(initialLearningRate) - last) * share) + last);
  }

  /** The options of this schedule. */
  override getConfig(): ScheduleConfig {
    return { ...this.options };
  }
}

/** Options of `schedules.piecewiseConstantDecay`. */
export interface PiecewiseConstantDecayOptions {
  /** Numbers of steps, in rising order. */
  boundaries: readonly number[];
  /** Rates: one for up to each boundary, and one for after the last. */
  values: readonly number[];
  /** Name of the schedule. @default "PiecewiseConstant" */
  name?: string;
}

/** One rate after the other. */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  private readonly boundaries: readonly number[];
  private readonly values: readonly number[];
  private readonly name: string;

  constructor(options: PiecewiseConstantDecayOptions) {
    super();
    const known = { boundaries: true, values: true, name: true } as const;
    rejectUnknownOptions(options, known, "PiecewiseConstantDecay");
    const { boundaries, values, name = "PiecewiseConstant" } = options;
    const numbers = { what: "numbers", fits: Number.isFinite, required: true };
    checkList("boundaries", boundaries, numbers);
    checkList("values", values, numbers);
    checkText("name", name, { what: "a name" });
    if (values.length !== boundaries.length + 1) {
      throw invalidArgument("values", {
        expected: `one number more than \`boundaries\`, which are ${boundaries.length}`,
        received: values,
      });
    }
    this.boundaries = [...boundaries];
    this.values = [...values];
    this.name = name;
  }

  /** The rate of the step that comes after `step` steps. */
  override rateAt(step: number): number {
    const { boundaries, values } = this;
    const index = boundaries.findIndex((boundary) => step <= Math.trunc(boundary));
    return fround(values[index < 0 ? boundaries.length : index]!);
  }

  /** The options of this schedule. */
  override getConfig(): ScheduleConfig {
    const { boundaries, values, name } = this;
    return { boundaries: [...boundaries], values: [...values], name };
  }
}
