/** Schedules along half a cosine. As in Keras, all is computed in float32. */
import { checkNumber, checkText, type KnownOptions, rejectUnknownOptions } from "../../checks";
import { LearningRateSchedule, type ScheduleConfig } from "./schedule";

const { fround } = Math;

/** Half of 1 plus the cosine, which falls from 1 to 0. */
function falling(done: number): number {
  const angle = fround(fround(Math.PI) * done);
  return fround(1 + fround(Math.cos(angle)));
}

/** Options of `schedules.cosineDecay`. */
export interface CosineDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps until the last rate is reached, without those of the warm-up. */
  decaySteps: number;
  /** The last rate, as a share of the first or of `warmupTarget`. @default 0 */
  alpha?: number;
  /** The rate that is reached after `warmupSteps`, from where it falls. @default no warm-up */
  warmupTarget?: number | null;
  /** Steps of the warm-up. @default 0 */
  warmupSteps?: number;
  /** Name of the schedule. @default "CosineDecay" */
  name?: string;
}

const cosineOptions: KnownOptions<CosineDecayOptions> = {
  initialLearningRate: true,
  decaySteps: true,
  alpha: true,
  warmupTarget: true,
  warmupSteps: true,
  name: true,
};

/** From one rate down to a share of it, perhaps after rising to it in a line. */
export class CosineDecay extends LearningRateSchedule {
  private readonly options: Required<CosineDecayOptions>;

  constructor(options: CosineDecayOptions) {
    super();
    rejectUnknownOptions(options, cosineOptions, "CosineDecay");
    const { alpha = 0, warmupTarget = null, warmupSteps = 0, name = "CosineDecay" } = options;
    checkNumber("initialLearningRate", options.initialLearningRate, { required: true });
    checkNumber("decaySteps", options.decaySteps, { above: 0, required: true });
    checkNumber("alpha", alpha);
    checkNumber("warmupTarget", warmupTarget ?? undefined);
    checkNumber("warmupSteps", warmupSteps, { low: 0 });
    checkText("name", name, { what: "a name" });
    this.options = { ...options, alpha, warmupTarget, warmupSteps, name };
  }

  /** The rate of the step that comes after `step` steps. */
  override rateAt(step: number): number {
    const { warmupTarget, warmupSteps } = this.options;
    const first = fround(this.options.initialLearningRate);
    if (warmupTarget === null) return this.decayed(first, fround(step));
    const [target, length] = [fround(warmupTarget), fround(warmupSteps)];
    const now = fround(step);
    if (now >= length) return this.decayed(target, fround(now - length));
    return fround(fround(fround(target - first) * fround(now / length)) + first);
  }

  private decayed(top: number, step: number): number {
    const { alpha } = this.options;
    const length = fround(this.options.decaySteps);
    const height = fround(0.5 * falling(fround(Math.min(step, length) / length)));
    return fround(top * fround(fround(fround(1 - alpha) * height) + fround(alpha)));
  }

  /** The options of this schedule. */
  override getConfig(): ScheduleConfig {
    return { ...this.options };
  }
}

/** Options of `schedules.cosineDecayRestarts`. */
export interface CosineDecayRestartsOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps of the first period. */
  firstDecaySteps: number;
  /** How much longer each period is than the one before. @default 2 */
  tMul?: number;
  /** What the first rate of each period is multiplied with. @default 1 */
  mMul?: number;
  /** The last rate of a period, as a share of the first of all. @default 0 */
  alpha?: number;
  /** Name of the schedule. @default "SGDRDecay" */
  name?: string;
}

const restartsOptions: KnownOptions<CosineDecayRestartsOptions> = {
  initialLearningRate: true,
  firstDecaySteps: true,
  tMul: true,
  mMul: true,
  alpha: true,
  name: true,
};

/** A cosine after the other. */
export class CosineDecayRestarts extends LearningRateSchedule {
  private readonly options: Required<CosineDecayRestartsOptions>;

  constructor(options: CosineDecayRestartsOptions) {
    super();
    rejectUnknownOptions(options, restartsOptions, "CosineDecayRestarts");
    const { tMul = 2, mMul = 1, alpha = 0, name = "SGDRDecay" } = options;
    checkNumber("initialLearningRate", options.initialLearningRate, { required: true });
    checkNumber("firstDecaySteps", options.firstDecaySteps, { above: 0, required: true });
    checkNumber("tMul", tMul, { above: 0 });
    checkNumber("mMul", mMul, { above: 0 });
    checkNumber("alpha", alpha);
    checkText("name", name, { what: "a name" });
    this.options = { ...options, tMul, mMul, alpha, name };
  }

  /** The rate of the step that comes after `step` steps. */
  override rateAt(step: number): number {
    const first = fround(this.options.initialLearningRate);
    const [growth, height, alpha] = [
      fround(this.options.tMul),
      fround(this.options.mMul),
      fround(this.options.alpha),
    ];
    let done = fround(fround(step) / fround(this.options.firstDecaySteps));
    let restarts = Math.floor(done);
    if (growth === 1) done = fround(done - restarts);
    else {
      const grown = fround(1 - fround(done * fround(1 - growth)));
      restarts = Math.floor(fround(fround(Math.log(grown)) / fround(Math.log(growth))));
      const scale = fround(growth ** restarts);
      const before = fround(fround(1 - scale) / fround(1 - growth));
      done = fround(fround(done - before) / scale);
    }
    const cosine = fround(fround(0.5 * fround(height ** restarts)) * falling(done));
    return fround(first * fround(fround(fround(1 - alpha) * cosine) + alpha));
  }

  /** The options of this schedule. */
  override getConfig(): ScheduleConfig {
    return { ...this.options };
  }
}
