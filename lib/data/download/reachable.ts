import { DownloadError, TransientError } from "./errors";
import { discard, get, openSession } from "./http";

/**
 * Why an address can't be reached, or `undefined` when it can.
 *
 * Asks as downloads do, through the same proxy, and lets go of the answer.
 *
 * @param options.timeoutMs Longest wait for an answer to begin.
 */
export async function whyUnreachable(
  url: URL,
  { timeoutMs }: { timeoutMs: number },
): Promise<string | undefined> {
  const session = openSession(url, { timeoutMs, signal: new AbortController().signal });
  try {
    const answer = await get(session, url);
    discard(answer);
    return answer.status < 400 ? undefined : `it answered ${answer.status}`;
  } catch (error) {
    if (error instanceof TransientError && error.fault !== undefined) return error.fault;
    if (error instanceof DownloadError) return error.message;
    throw error;
  }
}
