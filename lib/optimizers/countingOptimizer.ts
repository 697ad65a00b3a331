/** Optimizers whose formula needs the number of the step. */
import type { Scalar } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { KerasOptimizer } from "./optimizer";

/** Keeps the number of steps in a variable too, where a compiled step can count on. */
export abstract class CountingOptimizer extends KerasOptimizer {
  /** `base` to the power of the step's number. */
  protected power(base: number, step: Scalar = this.step()): Scalar {
    return tf.pow(tf.scalar(base), step);
  }

  protected override needsCount(): boolean {
    return true;
  }
}
