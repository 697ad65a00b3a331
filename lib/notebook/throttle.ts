/** Lets a value through at most once in a while. */

/** Shows the newest of the values offered, not too often. */
export interface Throttle<T> {
  /** Shows `value` at once, or when the interval has passed, unless a newer value has come by then. */
  offer(value: T): void;
  /** Forgets a value that waits to be shown. */
  cancel(): void;
}

/**
 * Makes a throttle in front of `show`.
 *
 * @param show Receives the values that are let through.
 * @param intervalMs The least time between two calls of `show`, in milliseconds.
 */
export function throttle<T>(show: (value: T) => void, intervalMs: number): Throttle<T> {
  let lastShownMs = Number.NEGATIVE_INFINITY;
  let waiting: { value: T; timer: NodeJS.Timeout } | undefined;

  function showNow(value: T): void {
    cancel();
    lastShownMs = performance.now();
    show(value);
  }
  function cancel(): void {
    if (waiting !== undefined) clearTimeout(waiting.timer);
    waiting = undefined;
  }
  function offer(value: T): void {
    const remainingMs = lastShownMs + intervalMs - performance.now();
    if (remainingMs <= 0) {
      showNow(value);
    } else if (waiting !== undefined) {
      waiting.value = value;
    } else {
      // The timer must not keep a finished script alive: what it would show is not final.
      const timer = setTimeout(() => waiting && showNow(waiting.value), remainingMs).unref();
      waiting = { value, timer };
    }
  }
  return { offer, cancel };
}
