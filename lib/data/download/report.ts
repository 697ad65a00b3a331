/** What a download says while it runs. */
import { openLiveLine } from "../../notebook";
import { formatBytes, formatDuration } from "../../text";
import { Meter, progressText } from "../progress";

export interface Report {
  /** The transfer begins, or goes on after a fault. */
  start(url: string, target: string, bytes: number, total: number | null): void;
  progress(bytes: number): void;
  waiting(fault: string, waitMs: number): void;
  /** Another process downloads to the same name. */
  waitingForProcess(target: string, pid: string): void;
  finish(bytes: number): void;
  alreadyThere(target: string, why: string): void;
  /** Ends the line that is still open after a failure. */
  close(): void;
}

const SILENT: Report = {
  start() {},
  progress() {},
  waiting() {},
  waitingForProcess() {},
  finish() {},
  alreadyThere() {},
  close() {},
};

/** Prints `From:` and `To:` lines, and one line with a bar. */
export function openReport(quiet: boolean): Report {
  if (quiet) return SILENT;
  let line: ReturnType<typeof openLiveLine> | undefined;
  let meter = new Meter(0);
  let first: Meter | undefined;
  let total: number | undefined;
  return {
    start(url, target, bytes, length) {
      if (line === undefined) console.log(`From: ${url}\nTo:   ${target}`);
      line ??= openLiveLine();
      total = length ?? undefined;
      meter = new Meter(bytes);
      first ??= meter;
      line.update(progressText(bytes, total, meter));
    },
    progress(bytes) {
      meter.record(bytes);
      line?.update(progressText(bytes, total, meter));
    },
    waiting(fault, waitMs) {
      line?.update(`${fault}; trying again in ${formatDuration(Math.max(1000, waitMs) / 1000)}`);
    },
    waitingForProcess(target, pid) {
      console.log(`Process ${pid} is downloading ${target}: waiting for it`);
    },
    finish(bytes) {
      const seconds = first?.elapsedSeconds ?? 0;
      const rate = formatBytes(meter.averageBytesPerSecond);
      line?.finish(
        `${progressText(bytes, bytes, meter).split(",")[0]} in ${formatDuration(seconds)}, ${rate}/s`,
      );
      line = undefined;
    },
    alreadyThere(target, why) {
      console.log(`Already there: ${target} (${why})`);
    },
    close() {
      line?.finish();
      line = undefined;
    },
  };
}
