/** What tfjs keeps to compute gradients from. */
import { tf } from "./tensorflow";

/**
 * Runs what computes gradients. When it throws, frees what tfjs has kept for them.
 *
 * tfjs 4.22 does so at the end of a computation only: each one that fails leaves its tensors.
 */
export function leavingNoTape<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    const { state } = tf.engine();
    for (const { saved } of state.activeTape ?? []) tf.dispose(saved);
    state.activeTape = [];
    throw error;
  }
}
