/** The core that every download shares: from an address to a whole, right file under its name, or none. */
import { onInterrupt } from "../../notebook";
import { DownloadError, printableUrl } from "./errors";
import { openSession } from "./http";
import { Job } from "./job";
import type { DownloadSettings } from "./options";
import type { DownloadSource } from "./source";

/**
 * Downloads a file.
 *
 * @returns The absolute path of the whole file.
 * @throws DownloadError when it cannot be had; the folder then holds what it held before, and with `resume` a
 *   `.part` file to continue from.
 * @throws ChecksumError when it is not the file that was expected; nothing is kept.
 */
export async function transfer(
  source: DownloadSource,
  settings: DownloadSettings,
): Promise<string> {
  settings.signal?.throwIfAborted();
  const stop = new AbortController();
  const url = printableUrl(source.url);
  const onAbort = () => stop.abort(settings.signal?.reason);
  settings.signal?.addEventListener("abort", onAbort, { once: true });
  const offInterrupt = onInterrupt(() => {
    stop.abort(new DownloadError(`The download of ${url} was interrupted`, { url }));
  });
  const session = openSession(source.url, {
    headers: source.secretHeaders,
    timeoutMs: settings.timeoutMs,
    signal: stop.signal,
  });
  const job = new Job(source, settings, session);
  try {
    return await job.run();
  } finally {
    offInterrupt();
    settings.signal?.removeEventListener("abort", onAbort);
    await job.close();
  }
}
