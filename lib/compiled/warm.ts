/**
 * Sessions that keep a model's weights after a prediction or evaluation.
 *
 * Who serves pictures asks the same model again and again: the next call then needs neither a session nor the weights,
 * whose way there takes longer than the answer (VGG16 has 553 MB of them). They are a copy of the model's, so they
 * stay for a while only, and not while something trains.
 */
import { isTraining } from "../tfjs";
import type { CompiledSteps } from "./compiledSteps";

/** How many keep their weights, of whatever models; the oldest goes first. */
const MOST_WARM = 4;

/** How long they wait for the next call. */
const WARM_MS = 60_000;

const warm: WarmSteps[] = [];

/** Steps whose session waits for the next call. */
export class WarmSteps {
  private readonly timer = setTimeout(() => this.cool(), WARM_MS).unref();
  private isOver = false;

  constructor(private readonly steps: CompiledSteps) {
    warm.push(this);
    if (warm.length > MOST_WARM) warm[0]!.cool();
    if (isTraining()) this.cool();
  }

  /** The steps, if they are still warm; whoever takes them disposes them. */
  take(): CompiledSteps | undefined {
    if (this.isOver) return undefined;
    this.isOver = true;
    clearTimeout(this.timer);
    warm.splice(warm.indexOf(this), 1);
    return this.steps;
  }

  /** Frees the weights. */
  cool(): void {
    this.take()?.dispose();
  }
}

/** Frees all weights that wait: a training needs the memory. */
export function coolAll(): void {
  for (const steps of [...warm]) steps.cool();
}
