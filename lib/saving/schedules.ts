/**
 * Learning rates that follow the number of steps, as Keras describes them.
 *
 * @see https://keras.io/api/optimizers/learning_rate_schedules/
 */
import { isObject, type Json, type JsonObject } from "../json";
import { field } from "./json";

/** The rate of the step that comes after `steps` steps. */
export type RateAt = (steps: number) => number;

type Numbers = Record<string, number>;

/** A schedule's formula from its numbers, with the defaults of those that older files leave out. */
interface Schedule {
  needs: string[];
  defaults?: Numbers;
  rate(numbers: Numbers, steps: number): number;
}

/** Keras' names are the formulas' own. */
const schedules: Record<string, Schedule> = {
  ExponentialDecay: {
    needs: ["initial_learning_rate", "decay_steps", "decay_rate"],
    rate: (n, steps) => n.initial_learning_rate! * n.decay_rate! ** periods(n, steps),
  },
  InverseTimeDecay: {
    needs: ["initial_learning_rate", "decay_steps", "decay_rate"],
    rate: (n, steps) => n.initial_learning_rate! / (1 + n.decay_rate! * periods(n, steps)),
  },
  PolynomialDecay: {
    needs: ["initial_learning_rate", "decay_steps", "end_learning_rate", "power"],
    rate: polynomial,
  },
  CosineDecay: {
    needs: ["initial_learning_rate", "decay_steps"],
    defaults: { alpha: 0, warmup_steps: 0 },
    rate: cosine,
  },
  CosineDecayRestarts: {
    needs: ["initial_learning_rate", "first_decay_steps"],
    defaults: { t_mul: 2, m_mul: 1, alpha: 0 },
    rate: cosineRestarts,
  },
};

/**
 * The formula of a schedule.
 *
 * @param entry A learning rate that is no number.
 * @returns `undefined` for one that isn't Keras' own.
 */
export function readSchedule(entry: JsonObject): RateAt | undefined {
  const className = field(entry, "class_name");
  const config = field(entry, "config");
  if (typeof className !== "string" || !isObject(config)) return undefined;
  if (className === "PiecewiseConstantDecay") return piecewise(config);
  const schedule = Object.hasOwn(schedules, className) ? schedules[className]! : undefined;
  if (schedule === undefined) return undefined;
  const given = Object.entries(config).filter(([, value]) => value !== null);
  const numbers = { ...schedule.defaults, ...Object.fromEntries(given.map(asNumber)) };
  if (!schedule.needs.every((key) => Number.isFinite(numbers[key]))) return undefined;
  return (steps) => schedule.rate(numbers, steps);
}

function asNumber([key, value]: [string, Json]): [string, number] {
  return [
    key,
    typeof value === "number" || typeof value === "boolean" ? Number(value) : Number.NaN,
  ];
}

function periods({ decay_steps, staircase }: Numbers, steps: number): number {
  const count = steps / decay_steps!;
  return staircase ? Math.floor(count) : count;
}

function polynomial(numbers: Numbers, steps: number): number {
  const { initial_learning_rate: first, end_learning_rate: last, decay_steps, power } = numbers;
  const cycles = numbers.cycle && steps > 0 ? Math.ceil(steps / decay_steps!) : 1;
  const length = decay_steps! * cycles;
  return (first! - last!) * (1 - Math.min(steps, length) / length) ** power! + last!;
}

function cosine(numbers: Numbers, steps: number): number {
  const { initial_learning_rate: first, warmup_target, warmup_steps } = numbers;
  if (warmup_target === undefined) return cosineOf(numbers, { top: first!, steps });
  if (steps >= warmup_steps!) {
    return cosineOf(numbers, { top: warmup_target, steps: steps - warmup_steps! });
  }
  return first! + ((warmup_target - first!) * steps) / warmup_steps!;
}

function cosineOf(
  { decay_steps, alpha }: Numbers,
  { top, steps }: { top: number; steps: number },
): number {
  const done = Math.min(steps / decay_steps!, 1);
  return top * ((1 - alpha!) * 0.5 * (1 + Math.cos(Math.PI * done)) + alpha!);
}

function cosineRestarts(numbers: Numbers, steps: number): number {
  const { initial_learning_rate, first_decay_steps, t_mul: grows, m_mul, alpha } = numbers;
  let done = steps / first_decay_steps!;
  let restarts = Math.floor(done);
  if (grows === 1) done -= restarts;
  else {
    restarts = Math.floor(Math.log(1 - done * (1 - grows!)) / Math.log(grows!));
    done = (done - (1 - grows! ** restarts) / (1 - grows!)) / grows! ** restarts;
  }
  const height = 0.5 * m_mul! ** restarts * (1 + Math.cos(Math.PI * done));
  return initial_learning_rate! * ((1 - alpha!) * height + alpha!);
}

function piecewise(config: JsonObject): RateAt | undefined {
  const boundaries = numberList(field(config, "boundaries"));
  const values = numberList(field(config, "values"));
  if (boundaries === undefined || values?.length !== boundaries.length + 1) return undefined;
  return (steps) => {
    const index = boundaries.findIndex((boundary) => steps <= boundary);
    return values[index < 0 ? boundaries.length : index]!;
  };
}

function numberList(value: Json | undefined): number[] | undefined {
  const isList = Array.isArray(value) && value.every((item) => typeof item === "number");
  return isList ? (value as number[]) : undefined;
}
