/** One download: asks, receives, tries again, checks, and names the file when it is whole. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { checkFilePlace, claim, realPlace } from "../../files";
import { formatBytes } from "../../text";
import {
  assertFile,
  continues,
  isHtmlName,
  looksLikeWebPage,
  nameOf,
  rangeHeaders,
  versionOf,
  webPageError,
} from "./answer";
import { Body, receive } from "./body";
import { ChecksumError, DownloadError, printableUrl, TransientError } from "./errors";
import { safeFileName } from "./fileName";
import { discard, type HttpSession, type Response } from "./http";
import type { DownloadSettings } from "./options";
import { PartFile } from "./partFile";
import { openReport, type Report } from "./report";
import { backoffMs, LONGEST_RETRY_AFTER_MS, sleep } from "./retry";
import type { DownloadSource } from "./source";
import { isFile, isFolder, wrongHash } from "./target";

/** Targets of the downloads under way. */
const active = new Set<string>();

/** Runs once; close it whatever comes of it. */
export class Job {
  private readonly url: string;
  private readonly report: Report;
  /** Known from the start, or from the first answer. */
  private target: string | undefined;
  private part: PartFile | undefined;
  private continued = false;
  /** Gives the target back to other processes. */
  private release: (() => Promise<void>) | undefined;

  constructor(
    private readonly source: DownloadSource,
    private readonly settings: DownloadSettings,
    private readonly session: HttpSession,
  ) {
    this.url = printableUrl(source.url);
    this.report = openReport(settings.quiet);
  }

  async run(): Promise<string> {
    const { output } = this.settings;
    if (!(await isFolder(output))) {
      const found = await this.begin(path.resolve(output));
      if (found) return found;
    }
    for (;;) {
      const finished = await this.persist();
      if (finished) return finished;
      const target = await this.finish();
      if (target) return target;
    }
  }

  /** Keeps what can be continued, removes the rest. */
  async close(): Promise<void> {
    this.report.close();
    const part = this.part;
    try {
      if (part !== undefined && this.settings.resume && part.size > 0) await part.close();
      else await part?.remove();
    } finally {
      await this.release?.();
      if (this.target) active.delete(this.target);
    }
  }

  /** Settles on the target. Returns it when the right file is there already. */
  private async begin(target: string): Promise<string | undefined> {
    if (active.has(target)) {
      throw new DownloadError(`${target} is being downloaded already`, { url: this.url });
    }
    checkFilePlace("output", target);
    active.add(target);
    this.target = target;
    const place = realPlace(target);
    this.release = await claim(place, {
      signal: this.session.signal,
      onWait: (pid) => this.report.waitingForProcess(target, pid),
    });
    const { resume, hashes } = this.settings;
    if (resume && hashes.length > 0 && (await isFile(target))) {
      if ((await wrongHash(target, hashes)) === undefined) {
        this.report.alreadyThere(target, "the right checksum");
        return target;
      }
    }
    this.part = await PartFile.open(place, this.url, resume);
    return undefined;
  }

  /** Tries until the part is whole. Returns the target when the right file turns out to be there already. */
  private async persist(): Promise<string | undefined> {
    const { retries, retryDelayMs } = this.settings;
    let failures = 0;
    let furthest = this.part?.size ?? 0;
    for (;;) {
      try {
        return await this.attempt();
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        const size = this.part?.size ?? 0;
        // A trickle is no progress: it could go on for days.
        if (size > furthest && !error.stalled) failures = 0;
        furthest = Math.max(furthest, size);
        failures++;
        const waitMs = error.retryAfterMs ?? backoffMs(failures - 1, retryDelayMs);
        if (failures > retries || waitMs > LONGEST_RETRY_AFTER_MS) {
          throw this.givenUp(error, failures);
        }
        this.report.waiting(error.message, waitMs);
        await sleep(waitMs, this.session.signal);
      }
    }
  }

  private async attempt(): Promise<string | undefined> {
    const whole = this.part?.version?.length;
    if (whole != null && this.part?.size === whole) {
      this.continued = true;
      return undefined;
    }
    let { response, body } = await this.ask();
    if (this.part === undefined) {
      const name = safeFileName(nameOf(response) ?? this.source.fallbackName, "download");
      const found = await this.begin(path.resolve(this.settings.output, name)).catch((error) => {
        discard(response);
        throw error;
      });
      if (found) discard(response);
      if (found) return found;
      if (this.part!.size > 0) {
        discard(response);
        return this.attempt();
      }
    }
    const part = this.part!;
    if (part.size > 0 && response.status !== 200 && !continues(part, response)) {
      // Another file by now: what is here is the beginning of nothing.
      discard(response);
      await part.remove();
      ({ response, body } = await this.ask());
    }
    if (response.status === 416 && part.size > 0) {
      discard(response);
      return undefined;
    }
    if (response.status === 206 && part.size > 0) {
      this.continued = true;
      await part.continue();
    } else if (response.status === 200) {
      const found = await this.upToDate(response);
      if (found) discard(response);
      if (found) return found;
      this.continued = false;
      await part.restart(versionOf(response)).catch((error) => {
        discard(response);
        throw error;
      });
    } else {
      discard(response);
      const { status } = response;
      throw new DownloadError(`${this.url} answered ${status} to a request for the whole file`, {
        url: this.url,
        status,
      });
    }
    this.report.start(this.url, this.target!, part.size, part.version!.length);
    await receive(body, part, {
      url: this.url,
      signal: this.session.signal,
      timeoutMs: this.settings.timeoutMs,
      minBytesPerSecond: this.settings.minBytesPerSecond,
      onFirstChunk: (chunk) => {
        if (looksLikeWebPage(chunk) && !isHtmlName(this.target!)) {
          throw webPageError(this.url, response);
        }
      },
      onProgress: (bytes) => this.report.progress(bytes),
    });
    return undefined;
  }

  private async ask(): Promise<{ response: Response; body: Body }> {
    const response = await this.source.open(this.session, this.part ? rangeHeaders(this.part) : {});
    assertFile(response, this.source.url, isHtmlName(this.target ?? nameOf(response) ?? ""));
    // Read from now on: what comes while we look at the disk must not be lost to a cut.
    return { response, body: new Body(response) };
  }

  /** Whether the file that is there is the one that the server is about to send, as far as can be told. */
  private async upToDate(response: Response): Promise<string | undefined> {
    const { resume, hashes } = this.settings;
    const { length, lastModified } = versionOf(response);
    if (!resume || hashes.length > 0 || length === null || this.part!.size > 0) return undefined;
    const there = await stat(this.target!).catch(() => undefined);
    if (!there?.isFile() || there.size !== length) return undefined;
    if (lastModified && Date.parse(lastModified) > there.mtimeMs) return undefined;
    this.report.alreadyThere(this.target!, formatBytes(length));
    return this.target;
  }

  /** Checks the whole part and names it. Returns `undefined` when it has to come again from the first byte. */
  private async finish(): Promise<string | undefined> {
    const part = this.part!;
    const wrong = await wrongHash(part.path, this.settings.hashes);
    this.session.signal.throwIfAborted();
    if (wrong === undefined) {
      const { size } = part;
      await part.complete();
      this.part = undefined;
      this.report.finish(size);
      return this.target;
    }
    await part.remove();
    // Two halves may come from two files that no header told apart; a file from one piece has no such excuse.
    if (this.continued) return undefined;
    throw new ChecksumError(
      `${this.url} is not the expected file: ${wrong.algorithm} is ${wrong.actual}, expected ${wrong.expected}`,
      { url: this.url, hint: "The file on the server has changed, or was damaged on its way." },
    );
  }

  private givenUp(error: TransientError, tries: number): DownloadError {
    const size = this.part?.size ?? 0;
    const kept = this.settings.resume && size > 0;
    return new DownloadError(`${error.message} (gave up after ${tries} tries)`, {
      url: this.url,
      status: error.status,
      hint: kept
        ? `The first ${formatBytes(size)} are kept in ${this.part!.path}: run this again to continue.`
        : error.hint,
      cause: error,
    });
  }
}
