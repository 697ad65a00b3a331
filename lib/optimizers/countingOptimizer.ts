/** Optimizers whose formula needs the number of the step. */
import type { Scalar, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { KerasOptimizer } from "./optimizer";

/**
 * Keeps the number of steps in a variable too, where a compiled step can count on.
 *
 * Counting is exact up to 2^24 steps.
 */
export abstract class CountingOptimizer extends KerasOptimizer {
  private count: Variable | undefined;

  /** Variables that serve all weights at once, such as a count of steps. */
  override sharedVariables(): Variable[] {
    return this.count === undefined ? [] : [this.count];
  }

  /** Frees every variable the optimizer made. */
  override dispose(): void {
    super.dispose();
    this.count = undefined;
  }

  /** The number of the current step, from 1. */
  protected step(): Scalar {
    return tf.add(this.count!, 1);
  }

  /** `base` to the power of the step's number. */
  protected power(base: number, step: Scalar = this.step()): Scalar {
    return tf.pow(tf.scalar(base), step);
  }

  protected override buildShared(): void {
    this.count ??= this.makeVariable([], this.iterations);
  }

  protected override finishStep(): void {
    this.count!.assign(this.step());
  }

  protected override onIterationsSet(count: number): void {
    tf.tidy(() => this.count?.assign(tf.scalar(count)));
  }
}
