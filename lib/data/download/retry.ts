/** When to try again, and how long to wait before it. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** Longest wait that a server may ask for; more than this is better told to the user. */
export const LONGEST_RETRY_AFTER_MS = 5 * 60_000;

/** Statuses that may pass by themselves. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * Reads `Retry-After`: seconds, or a date.
 *
 * @returns Milliseconds from now; `undefined` when the header is absent or makes no sense.
 */
export function parseRetryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * Doubles from half a second to half a minute; up to a quarter is random, so that many clients do not return at once.
 *
 * @param attempt 0 before the first repetition.
 */
export function backoffMs(attempt: number, firstDelayMs = FIRST_DELAY_MS): number {
  const delay = Math.min(firstDelayMs * 2 ** attempt, LONGEST_DELAY_MS);
  return delay * (0.75 + 0.25 * Math.random());
}

/** Waits, or throws the signal's reason as soon as it is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
