/** One download: asks, receives, tries again, checks, and names the file when it is whole. */
import path from "node:path";
import { claim } from "../../files";
import { formatBytes } from "../../text";
import { identityOf } from "./address";
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
import { discard, type HttpSession, orDiscard, type Response } from "./http";
import { nameWhole, refuseWebPage } from "./nameWhole";
import { Occupant } from "./occupant";
import type { DownloadSettings } from "./options";
import { PartFile } from "./partFile";
import { openReport, type Report } from "./report";
import { backoffMs, LONGEST_RETRY_AFTER_MS, sleep } from "./retry";
import type { DownloadSource } from "./source";
import { isFolder, placeOf, wrongHash } from "./target";

/** Targets of the downloads under way. */
const active = new Set<string>();

/** Runs once; close it whatever comes of it. */
export class Job {
  private readonly url: string;
  private readonly report: Report;
  private readonly identity: string;
  /** Known from the start, or from the first answer. */
  private target: string | undefined;
  /** The file that is at the target. */
  private occupant: Occupant | undefined;
  private part: PartFile | undefined;
  private continued = false;
  /** Whether two halves have turned out to be of two files. */
  private startedOver = false;
  /** Gives the target back to other processes. */
  private release: (() => Promise<void>) | undefined;

  constructor(
    private readonly source: DownloadSource,
    private readonly settings: DownloadSettings,
    private readonly session: HttpSession,
  ) {
    this.url = printableUrl(source.url);
    this.identity = identityOf(source.url);
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
  private async begin(asked: string): Promise<string | undefined> {
    const target = await placeOf(asked);
    if (active.has(target)) {
      throw new DownloadError(`${target} is being downloaded already`, { url: this.url });
    }
    active.add(target);
    this.target = target;
    this.release = await claim(target, {
      signal: this.session.signal,
      onWait: (pid) => this.report.waitingForProcess(target, pid),
    });
    const { url, identity, settings } = this;
    const wanted = { url, identity, ...settings };
    this.occupant = await Occupant.at(target, wanted);
    if (settings.resume && this.occupant.isExpected) {
      this.report.alreadyThere(target, "the right checksum");
      return target;
    }
    this.part = await PartFile.open(target, wanted);
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
      const found = await orDiscard(response, this.begin(path.resolve(this.settings.output, name)));
      if (found) discard(response);
      if (found) return found;
      if (this.part!.size > 0) {
        discard(response);
        return this.attempt();
      }
    }
    const [url, part, target] = [this.url, this.part!, this.target!];
    await orDiscard(response, this.occupant!.assertReplaceable(versionOf(response)));
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
      await orDiscard(response, part.restart(versionOf(response)));
    } else {
      discard(response);
      const { status } = response;
      const fault = `answered ${status} to a request for the whole file`;
      throw new DownloadError(`${url} ${fault}`, { url, status });
    }
    this.report.start(url, target, part.size, part.version!.length);
    const { timeoutMs, minBytesPerSecond } = this.settings;
    await receive(body, part, {
      url,
      signal: this.session.signal,
      timeoutMs,
      minBytesPerSecond,
      onBeginning: (bytes) => {
        if (looksLikeWebPage(bytes) && !isHtmlName(target)) throw webPageError(url, response);
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
    const version = versionOf(response);
    if (!resume || hashes.length > 0 || this.part!.size > 0) return undefined;
    if (!this.occupant!.isVersion(version)) return undefined;
    this.report.alreadyThere(this.target!, formatBytes(this.occupant!.size));
    return this.target;
  }

  /** Checks the whole part and names it. Returns `undefined` when it has to come again from the first byte. */
  private async finish(): Promise<string | undefined> {
    const part = this.part!;
    const { url, identity } = this;
    const [target, occupant] = [this.target!, this.occupant!];
    await part.flush();
    await refuseWebPage(part, { target, url });
    const wrong = await wrongHash(part.path, this.settings.hashes);
    this.session.signal.throwIfAborted();
    if (wrong === undefined) {
      const isNamed = await nameWhole(part, { target, occupant, identity });
      this.part = undefined;
      if (isNamed) this.report.finish(part.size);
      else this.report.alreadyThere(target, "the same bytes");
      return target;
    }
    await part.remove();
    // Two halves may come from two files that no header told apart, once; a file from one piece has no such excuse.
    if (this.continued && !this.startedOver) {
      this.startedOver = true;
      return undefined;
    }
    const { algorithm, actual, expected } = wrong;
    throw new ChecksumError(
      `${url} is not the expected file: ${algorithm} is ${actual}, expected ${expected}`,
      { url, hint: "The file on the server has changed, or was damaged on its way." },
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
