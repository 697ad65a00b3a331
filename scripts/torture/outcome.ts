import { setTimeout as wait } from "node:timers/promises";
import { ConvnetsError } from "../../lib/index";

/** Longer than this counts as a hang. */
const HANG_MS = 20_000;

/** What work came to. */
export type Outcome<T> = { value: T } | { error: unknown };

/** Waits for work; a hang is an error like any other. */
export async function outcomeOf<T>(work: Promise<T>): Promise<Outcome<T>> {
  const stop = new AbortController();
  const hang = wait(HANG_MS, { error: `a hang of ${HANG_MS / 1000} s` }, { signal: stop.signal });
  hang.catch(() => undefined);
  const end = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const outcome = await Promise.race([end, hang]);
  stop.abort();
  return outcome;
}

/** What is wrong with an error, if anything: it must be one of the library's, and name one of the places. */
export function faultOfError(error: unknown, places: readonly string[]): string | undefined {
  if (!(error instanceof ConvnetsError)) return `an error of another kind: ${error}`;
  const said = `${error.message} ${error.hint ?? ""}`;
  const isNamed = places.some((place) => said.includes(place));
  return isNamed ? undefined : `an error that doesn't say where: ${said}`;
}
